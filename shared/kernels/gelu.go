package kernels

import "math"

// GELU sets y[i] to x[i] P(x[i]), where P is the standard normal distribution: the form with the error function, within
// 1e-7 + 2e-7 |y| of it. y may be x.
//
// Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016.
func GELU(y, x []float32) {
	if len(x) < len(y) {
		panic("kernels: GELU: slice too short")
	}
	elements.run(geluRange, elementArgs{y: y, a: x}, len(y), 4, elementStep)
}

// GELUBackward sets dx[i] to dy[i] times the derivative of GELU at x[i], P(x) + x p(x). dx may be dy.
func GELUBackward(dx, dy, x []float32) {
	if len(x) < len(dx) || len(dy) < len(dx) {
		panic("kernels: GELUBackward: slice too short")
	}
	elements.run(geluGradRange, elementArgs{y: dx, a: dy, b: x}, len(dx), 4, elementStep)
}

// GELUTanh sets y[i] to x[i] s(2 sqrt(2/pi) (x[i] + 0.044715 x[i]^3)), where s is the logistic function: the
// approximation of GELU that GPT-2 uses, where it is written with a hyperbolic tangent. y may be x.
func GELUTanh(y, x []float32) {
	if len(x) < len(y) {
		panic("kernels: GELUTanh: slice too short")
	}
	elements.run(geluTanhRange, elementArgs{y: y, a: x}, len(y), 4, elementStep)
}

// GELUTanhBackward sets dx[i] to dy[i] times the derivative of GELUTanh at x[i]. dx may be dy.
func GELUTanhBackward(dx, dy, x []float32) {
	if len(x) < len(dx) || len(dy) < len(dx) {
		panic("kernels: GELUTanhBackward: slice too short")
	}
	elements.run(geluTanhGradRange, elementArgs{y: dx, a: dy, b: x}, len(dx), 4, elementStep)
}

func geluRange(t *elementArgs, lo, hi int)         { gelu(t.y[lo:hi], t.a[lo:hi]) }
func geluGradRange(t *elementArgs, lo, hi int)     { geluGrad(t.y[lo:hi], t.a[lo:hi], t.b[lo:hi]) }
func geluTanhRange(t *elementArgs, lo, hi int)     { geluTanh(t.y[lo:hi], t.a[lo:hi]) }
func geluTanhGradRange(t *elementArgs, lo, hi int) { geluTanhGrad(t.y[lo:hi], t.a[lo:hi], t.b[lo:hi]) }

const (
	normalPeak = 0.398942280401432677939946 // 1 / sqrt(2 pi), the density at 0

	geluSlope = 1.595769121605730711759784 // 2 sqrt(2/pi)
	geluCubic = geluSlope * 0.044715
)

// normal returns the standard normal distribution at x, and exp(-x^2/2).
func normal(x float32) (p, e float32) {
	e = Exp(float32(x*x) * -0.5)
	q := e * tailRatio(abs(x)) // the distribution at -|x|
	if math.Signbit(float64(x)) {
		return q, e
	}
	return 1 - float32(q), e
}

func geluPlain(y, x []float32) {
	for i := range y {
		p, _ := normal(x[i])
		y[i] = x[i] * p
	}
}

func geluGradPlain(dx, dy, x []float32) {
	for i := range dx {
		p, e := normal(x[i])
		dx[i] = dy[i] * fma32(float32(x[i]*e), normalPeak, p)
	}
}

// logistic returns 1 / (1 + exp(-x)) and 1 / (1 + exp(x)).
func logistic(x float32) (s, c float32) {
	e := Exp(-abs(x))
	r := 1 / (1 + e)
	if math.Signbit(float64(x)) {
		return e * r, r
	}
	return r, e * r
}

func geluTanhPlain(y, x []float32) {
	for i := range y {
		v := x[i]
		s, _ := logistic(v * fma32(v*v, geluCubic, geluSlope))
		y[i] = v * s
	}
}

func geluTanhGradPlain(dx, dy, x []float32) {
	for i := range dx {
		v := x[i]
		s, c := logistic(v * fma32(v*v, geluCubic, geluSlope))
		w := fma32(v*v, 3*geluCubic, geluSlope)
		dx[i] = dy[i] * fma32(float32(float32(v*s)*c), w, s)
	}
}
