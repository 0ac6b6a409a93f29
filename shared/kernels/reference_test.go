package kernels

import (
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
)

// gradientStep is the step of central differences on float64 references: their error is about its square, 1e-10.
const gradientStep = 1e-5

// gradient64 returns the gradient at x of f by central differences.
func gradient64(x []float64, f func(x []float64) float64) []float64 {
	g := make([]float64, len(x))
	for i := range x {
		g[i] = kerneltest.Derivative(func() float64 { return f(x) }, &x[i], gradientStep)
	}
	return g
}

func dot64(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// near fails the test unless each got is within tolerance of want, relative to the larger of 1 and want.
func near(t *testing.T, what string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d results, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		if e := math.Abs(float64(got[i]) - w); !(e <= tolerance*math.Max(1, math.Abs(w))) {
			t.Fatalf("%s: element %d of %d is %v, want %v", what, i, len(want), got[i], w)
		}
	}
}

// numbers returns n numbers of roughly a normal distribution.
func numbers(seed uint64, n int) []float32 {
	a := arena{seed: seed * 100000}
	x := make([]float32, n)
	for i := range x {
		x[i] = a.draw()
	}
	return x
}

func softmax64(x []float64) []float64 {
	m, s := math.Inf(-1), 0.0
	for _, v := range x {
		m = math.Max(m, v)
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = math.Exp(v - m)
		s += y[i]
	}
	for i := range y {
		y[i] /= s
	}
	return y
}

func layerNorm64(x, gamma, beta []float64, eps float64) []float64 {
	d := float64(len(x))
	m, q := 0.0, 0.0
	for _, v := range x {
		m += v / d
	}
	for _, v := range x {
		q += (v - m) * (v - m) / d
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = (v-m)/math.Sqrt(q+eps)*gamma[i] + beta[i]
	}
	return y
}
