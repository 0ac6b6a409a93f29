package picture

import "math"

// The functions here give the same bits on every machine, unlike those of package math that have assembly on some: they use square roots, which are exact,
// and products that are rounded before they are added.

// sinPi returns sin(pi x) for |x| < 2^31, within 1e-15.
func sinPi(x float64) float64 {
	n := math.RoundToEven(x)
	t := math.Pi * (x - n) // sin(pi x) = (-1)^n sin t, |t| <= pi/2
	q := float64(t * t)
	sum := 1.0
	for k := 23.0; k > 1; k -= 2 { // t (1 - q/(2*3) (1 - q/(4*5) (1 - ...)))
		sum = 1 - float64(q*sum)/float64(k*(k-1))
	}
	if int64(n)%2 != 0 {
		return float64(-t * sum)
	}
	return float64(t * sum)
}

// power returns base to the power e, for base >= 0 and 0 <= e < 2^16, within 1e-9 of itself: a product of base, e times, and of its square roots, one for each
// bit of e's fraction.
func power(base, e float64) float64 {
	whole, fraction := math.Modf(e)
	p := 1.0
	for n, square := int(whole), base; n > 0; n >>= 1 {
		if n&1 == 1 {
			p *= square
		}
		square *= square
	}
	for range 40 {
		base = math.Sqrt(base)
		if fraction *= 2; fraction >= 1 {
			fraction--
			p *= base
		}
	}
	return float64(p) // rounded, so that no sum takes the product in
}
