package train

import "math"

// Rate returns the learning rate of step, counted from 0: (step+1)/Warmup of LR while warming up, then down towards MinLR,
// which a step after the last would reach, so that no step is idle. Cosine is Loshchilov and Hutter, arXiv 1608.03983,
// without restarts.
//
// Products are rounded one by one and the cosine is a polynomial of our own, so the rate is the same on every machine.
func (c Config) Rate(step int) float64 {
	if step < c.Warmup {
		return float64(c.LR*float64(step+1)) / float64(c.Warmup)
	}
	left := 1.0 // from 1 after warm-up to 0 after the last step
	if n := c.Steps - c.Warmup; n > 0 {
		left = 1 - float64(min(step-c.Warmup, n))/float64(n)
	}
	switch c.Schedule {
	case "linear":
	case "cosine":
		left = float64(0.5 * (1 - cosPi(left)))
	default:
		return c.LR
	}
	return c.MinLR + float64((c.LR-c.MinLR)*left)
}

// cosPi returns cos(pi x) for x in [0, 1], as -sin(pi (x-1/2)) by the Taylor series to degree 21, which
// is within 1e-15.
func cosPi(x float64) float64 {
	switch x { // so that the schedule begins and ends exactly
	case 0:
		return 1
	case 1:
		return -1
	}
	y := float64(math.Pi * (x - 0.5)) // in [-pi/2, pi/2]
	sq := float64(y * y)
	sum := 0.0
	for n := 21; n >= 3; n -= 2 { // 1 - y^2/(2*3) (1 - y^2/(4*5) (1 - ...))
		sum = float64(float64(sq/float64((n-1)*n)) * (1 - sum))
	}
	return -float64(y * (1 - sum))
}
