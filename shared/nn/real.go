package nn

import "math"

// Pow returns x^p of a moderate size for x > 0, and 0 for x = 0 and p > 0, within some 1e-14 of it. Unlike math.Pow it rounds the same way on every machine.
func Pow(x, p float64) float64 {
	switch {
	case p == 0:
		return 1
	case x == 0:
		return 0
	}
	return exp(float64(p * Log(x)))
}

// Log returns the natural logarithm of x > 0, by the same steps on every machine: x = m 2^e, and ln m = 2 artanh((m-1)/(m+1)).
func Log(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	t := (m - 1) / (m + 1)
	sum, power, square := 0.0, t, float64(t*t)
	for n := 1; n < 40; n += 2 {
		sum += power / float64(n)
		power = float64(power * square)
	}
	return float64(float64(e)*math.Ln2) + float64(2*sum)
}

// exp returns e^x for moderate x: x = n ln 2 + r, and e^r by its series.
func exp(x float64) float64 {
	n := math.Floor(float64(x/math.Ln2) + 0.5)
	r := x - float64(n*math.Ln2)
	sum, term := 1.0, 1.0
	for i := 1; i < 20; i++ {
		term = float64(term*r) / float64(i)
		sum += term
	}
	return math.Ldexp(sum, int(n))
}
