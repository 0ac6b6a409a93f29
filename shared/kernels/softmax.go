package kernels

import "math"

// Softmax sets each row of y [N, C] to exp(x - max) / sum exp(x - max) of the row of x [N, C]. A row with a NaN or +Inf,
// and a row of -Inf only, gives NaN throughout. y may be x.
func Softmax(y, x []float32, n, c int) {
	if len(y) < n*c || len(x) < n*c {
		panic("kernels: Softmax: slice too short")
	}
	if c > 0 {
		softmaxes.run(softmaxRows, softmaxArgs{y: y, x: x, c: c}, n, 4*c, 1)
	}
}

// SoftmaxBackward sets dx [N, C], or adds to it when acc is true, y (dy - sum of dy y) by rows, given the forward
// output y [N, C]. dx may be dy.
func SoftmaxBackward(dx, dy, y []float32, n, c int, acc bool) {
	if len(dx) < n*c || len(dy) < n*c || len(y) < n*c {
		panic("kernels: SoftmaxBackward: slice too short")
	}
	softmaxes.run(softmaxGradRows, softmaxArgs{dx, dy, y, c, acc}, n, 2*c, 1)
}

type softmaxArgs struct {
	y, x, z []float32
	c       int
	acc     bool
}

var softmaxes ranger[softmaxArgs]

func softmaxRows(a *softmaxArgs, lo, hi int) {
	for i := lo; i < hi; i++ {
		y, x := a.y[i*a.c:(i+1)*a.c], a.x[i*a.c:(i+1)*a.c]
		scale(y, 1/expSum(y, x, rowMax(x)))
	}
}

func softmaxGradRows(a *softmaxArgs, lo, hi int) {
	for i := lo; i < hi; i++ {
		from, to := i*a.c, (i+1)*a.c
		softmaxGradRow(a.y[from:to], a.x[from:to], a.z[from:to], a.acc)
	}
}

// rowMaxPlain returns the largest element of x, NaN aside, -Inf when there is none. It is rowMax in plain Go.
func rowMaxPlain(x []float32) float32 {
	m := float32(math.Inf(-1))
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	return m
}

// expSumPlain sets y to exp(x - m), for m at least every x, and returns its sum. It is expSum in plain Go.
func expSumPlain(y, x []float32, m float32) float32 {
	var s lanes
	for j, v := range x {
		e := Exp(v - m)
		y[j] = e
		s[j%16] += e
	}
	return s.sum()
}

// softmaxGradRowPlain is softmaxGradRow in plain Go.
func softmaxGradRowPlain(dx, dy, y []float32, acc bool) {
	var s lanes
	for j, v := range dy {
		s[j%16] = fma32(v, y[j], s[j%16])
	}
	dot := s.sum()
	for j, v := range dy {
		g := float32(y[j] * float32(v-dot))
		if acc {
			g = dx[j] + g
		}
		dx[j] = g
	}
}
