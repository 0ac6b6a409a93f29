package kernels

import "math"

// The scalars of this file are the canonical exponential, logarithm, hyperbolic tangent and error function: a fixed
// order of float32 operations, with a fused multiply-add where fma32 is written. Every vector kernel computes the same
// operations in the same order, so it gives the same bits. The coefficients are minimax fits of relative error, made
// for these intervals.

const (
	expMax = 88.72283  // the largest float32 whose exponential is finite
	expMin = -87.33654 // the smallest float32 whose exponential is a normal number

	expLog2e = 1.44269504 // 1 / ln 2
	// expShift is 1.5 * 2^23 + 127: added to a number below 2^22 it rounds it to an integer n, and leaves n + 127,
	// the biased exponent of 2^n, in the low bits.
	expShift = 12582912 + 127
	expLn2Hi = 0.693147182464599609375 // ln 2 rounded to float32
	expLn2Lo = -1.904654323148236017e-09

	// exp(r) = 1 + r (1 + r (exp2 + r (exp3 + ...))) for |r| <= ln(2)/2, within 3.1e-9.
	exp2 = 0.49999994
	exp3 = 0.16666521
	exp4 = 0.04166839
	exp5 = 0.008368745
	exp6 = 0.0013814551
)

// Exp returns e to the x, within 1 ulp. It is exactly +0 for x < -87.33654 (where the result would lie below the
// normal float32), +Inf for x > 88.72283, and NaN for NaN.
func Exp(x float32) float32 {
	switch {
	case x < expMin:
		return 0
	case x > expMax:
		return float32(math.Inf(1))
	case x != x:
		return x
	}
	t := fma32(x, expLog2e, expShift)
	n := t - expShift
	r := fma32(-n, expLn2Hi, x)
	r = fma32(-n, expLn2Lo, r)
	p := fma32(exp6, r, exp5)
	p = fma32(p, r, exp4)
	p = fma32(p, r, exp3)
	p = fma32(p, r, exp2)
	p = fma32(p, r, 1)
	p = fma32(p, r, 1)
	if n > 127 {
		return p * 0x1p127 * 2
	}
	return p * math.Float32frombits(math.Float32bits(t)<<23)
}

const (
	// log(1+f) = f - f^2/2 + f^3 (log3 + f (log4 + ...)) for 1+f in [sqrt(1/2), sqrt 2], within 7.5e-10.
	log3  = 0.33333313
	log4  = -0.2500001
	log5  = 0.20002119
	log6  = -0.16667996
	log7  = 0.14219552
	log8  = -0.124055885
	log9  = 0.11888162
	log10 = -0.11675652
	log11 = 0.06746642

	sqrtHalf = 0x3f3504f3 // the bits of sqrt(1/2)
	// logLn2Hi has few enough bits for its product with any exponent to be exact; logLn2Lo is the rest of ln 2.
	logLn2Hi = 0.693359375
	logLn2Lo = -2.12194440e-4
)

// Log returns the natural logarithm of x, within 1 ulp: -Inf for zeros, NaN for x < 0 and NaN.
func Log(x float32) float32 {
	switch {
	case x != x || x > math.MaxFloat32:
		return x
	case x == 0:
		return float32(math.Inf(-1))
	case x < 0:
		return float32(math.NaN())
	}
	e := float32(0)
	if x < 0x1p-126 { // a denormal number
		x *= 0x1p23
		e = -23
	}
	// x = 2^e (1+f), with 1+f in [sqrt(1/2), sqrt 2).
	u := math.Float32bits(x) - sqrtHalf
	e += float32(int32(u) >> 23)
	f := math.Float32frombits(u&(1<<23-1)+sqrtHalf) - 1
	p := fma32(log11, f, log10)
	p = fma32(p, f, log9)
	p = fma32(p, f, log8)
	p = fma32(p, f, log7)
	p = fma32(p, f, log6)
	p = fma32(p, f, log5)
	p = fma32(p, f, log4)
	p = fma32(p, f, log3)
	g := f * f
	p = float32(p*f) * g
	p = fma32(e, logLn2Lo, p)
	p = fma32(g, -0.5, p)
	return fma32(e, logLn2Hi, p+f)
}

const (
	tanhSmall = 0.625
	// tanh(x) = x + x^3 (tanh3 + x^2 (tanh5 + ...)) for |x| < tanhSmall, within 8.1e-9.
	tanh3  = -0.33333248
	tanh5  = 0.13330543
	tanh7  = -0.053665053
	tanh9  = 0.020397976
	tanh11 = -0.0054394496
)

// Tanh returns the hyperbolic tangent of x, within 2 ulp.
func Tanh(x float32) float32 {
	a := abs(x)
	if a < tanhSmall {
		z := x * x
		p := fma32(tanh11, z, tanh9)
		p = fma32(p, z, tanh7)
		p = fma32(p, z, tanh5)
		p = fma32(p, z, tanh3)
		p *= z
		return fma32(p, x, x)
	}
	e := Exp(-2 * a)
	return copysign((1-e)/(1+e), x)
}

const (
	erfSmall = 0.9
	// erf(x) = x (erf1 + x^2 (erf3 + ...)) for |x| < erfSmall, within 4.6e-10.
	erf1  = 1.1283792
	erf3  = -0.37612632
	erf5  = 0.112836875
	erf7  = -0.02685894
	erf9  = 0.005199907
	erf11 = -0.00081300136
	erf13 = 8.3167775e-05

	// The upper tail of the standard normal distribution is exp(-a^2/2) (tail0 + t (tail1 + ...)), t = 1/(1 + 0.3 a),
	// for a in [0, 14], within 5.8e-8 of itself.
	tailSlope = 0.3
	tail0     = 7.16888459e-6
	tail1     = 0.119487689
	tail2     = 0.121920343
	tail3     = 0.0946835188
	tail4     = 0.142535534
	tail5     = -0.0765064916
	tail6     = 0.228660092
	tail7     = -0.169166116
	tail8     = 0.03837829
)

// Erf returns the error function of x, within 2.5 ulp.
func Erf(x float32) float32 {
	a := abs(x)
	if a < erfSmall {
		z := x * x
		p := fma32(erf13, z, erf11)
		p = fma32(p, z, erf9)
		p = fma32(p, z, erf7)
		p = fma32(p, z, erf5)
		p = fma32(p, z, erf3)
		p = fma32(p, z, erf1)
		return p * x
	}
	q := Exp(-float32(a*a)) * tailRatio(float32(a*math.Sqrt2))
	return copysign(fma32(q, -2, 1), x)
}

// tailRatio returns the upper tail of the standard normal distribution at a >= 0 over exp(-a^2/2).
func tailRatio(a float32) float32 {
	t := 1 / fma32(a, tailSlope, 1)
	p := fma32(tail8, t, tail7)
	p = fma32(p, t, tail6)
	p = fma32(p, t, tail5)
	p = fma32(p, t, tail4)
	p = fma32(p, t, tail3)
	p = fma32(p, t, tail2)
	p = fma32(p, t, tail1)
	return fma32(p, t, tail0)
}

func abs(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ signBit) }

func copysign(x, sign float32) float32 {
	return math.Float32frombits(math.Float32bits(x)&^signBit | math.Float32bits(sign)&signBit)
}

const signBit = 1 << 31
