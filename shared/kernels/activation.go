package kernels

// ReLU sets y[i] to x[i] where that is positive (or NaN) and to 0 elsewhere. y may be x.
func ReLU(y, x []float32) {
	if len(x) < len(y) {
		panic("kernels: ReLU: slice too short")
	}
	elements.run(reluRange, elementArgs{y: y, a: x}, len(y), 1, elementStep)
}

// ReLUBackward sets dx[i] to dy[i] where x[i] is positive and to 0 elsewhere. dx may be dy.
func ReLUBackward(dx, dy, x []float32) {
	if len(x) < len(dx) || len(dy) < len(dx) {
		panic("kernels: ReLUBackward: slice too short")
	}
	elements.run(reluGradRange, elementArgs{y: dx, a: dy, b: x}, len(dx), 1, elementStep)
}

// SiLU sets y[i] to x[i] / (1 + exp(-x[i])). y may be x.
func SiLU(y, x []float32) {
	if len(x) < len(y) {
		panic("kernels: SiLU: slice too short")
	}
	elements.run(siluRange, elementArgs{y: y, a: x}, len(y), 4, elementStep)
}

// SiLUBackward sets dx[i] to dy[i] times the derivative of SiLU at x[i]. dx may be dy.
func SiLUBackward(dx, dy, x []float32) {
	if len(x) < len(dx) || len(dy) < len(dx) {
		panic("kernels: SiLUBackward: slice too short")
	}
	elements.run(siluGradRange, elementArgs{y: dx, a: dy, b: x}, len(dx), 4, elementStep)
}

// TanhForward sets y[i] to Tanh(x[i]). y may be x.
func TanhForward(y, x []float32) {
	if len(x) < len(y) {
		panic("kernels: TanhForward: slice too short")
	}
	elements.run(tanhRange, elementArgs{y: y, a: x}, len(y), 4, elementStep)
}

// TanhBackward sets dx[i] to dy[i] (1 - y[i]^2), the gradient through a hyperbolic tangent whose result was y. dx may
// be dy.
func TanhBackward(dx, dy, y []float32) {
	if len(y) < len(dx) || len(dy) < len(dx) {
		panic("kernels: TanhBackward: slice too short")
	}
	elements.run(tanhGradRange, elementArgs{y: dx, a: dy, b: y}, len(dx), 1, elementStep)
}

func reluRange(t *elementArgs, lo, hi int)     { relu(t.y[lo:hi], t.a[lo:hi]) }
func reluGradRange(t *elementArgs, lo, hi int) { reluGrad(t.y[lo:hi], t.a[lo:hi], t.b[lo:hi]) }
func siluRange(t *elementArgs, lo, hi int)     { silu(t.y[lo:hi], t.a[lo:hi]) }
func siluGradRange(t *elementArgs, lo, hi int) { siluGrad(t.y[lo:hi], t.a[lo:hi], t.b[lo:hi]) }
func tanhRange(t *elementArgs, lo, hi int)     { tanh(t.y[lo:hi], t.a[lo:hi]) }
func tanhGradRange(t *elementArgs, lo, hi int) { tanhGrad(t.y[lo:hi], t.a[lo:hi], t.b[lo:hi]) }

func reluPlain(y, x []float32) {
	for i := range y {
		if v := x[i]; v > 0 || v != v {
			y[i] = v
		} else {
			y[i] = 0
		}
	}
}

func reluGradPlain(dx, dy, x []float32) {
	for i := range dx {
		if x[i] > 0 {
			dx[i] = dy[i]
		} else {
			dx[i] = 0
		}
	}
}

func siluPlain(y, x []float32) {
	for i := range y {
		s, _ := logistic(x[i])
		y[i] = x[i] * s
	}
}

func siluGradPlain(dx, dy, x []float32) {
	for i := range dx {
		s, c := logistic(x[i])
		dx[i] = dy[i] * fma32(float32(x[i]*s), c, s)
	}
}

func tanhPlain(y, x []float32) {
	for i := range y {
		y[i] = Tanh(x[i])
	}
}

func tanhGradPlain(dx, dy, y []float32) {
	for i := range dx {
		dx[i] = dy[i] * fma32(-y[i], y[i], 1)
	}
}
