package kernels

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
)

const (
	// The results are of size 1 and come from a few roundings of 6e-8 and sums of up to 300 terms in 16 lanes.
	normTolerance = 2e-6
	// Sums over rows of products of several rounded numbers, and the error of central differences.
	normGradTolerance = 2e-5
)

func TestLayerNorm(t *testing.T) {
	const n, eps = 5, 1e-5
	for _, d := range []int{1, 2, 7, 8, 16, 33, 256, 300} {
		x, r, gamma, beta, dy := numbers(1, n*d), numbers(2, n*d), numbers(3, d), numbers(4, d), numbers(5, n*d)
		if d == 1 { // a row of one is its own mean
			gamma[0] = 1
		}
		forward := func(x, gamma, beta []float64) []float64 {
			var y []float64
			for i := range n {
				y = append(y, layerNorm64(x[i*d:(i+1)*d], gamma, beta, eps)...)
			}
			return y
		}
		y, sum, mean, rstd := make([]float32, n*d), make([]float32, n*d), make([]float32, n), make([]float32, n)
		what := fmt.Sprint("d ", d)
		LayerNorm(y, nil, nil, x, gamma, beta, n, d, eps)
		near(t, what, y, forward(kerneltest.Widen(x), kerneltest.Widen(gamma), kerneltest.Widen(beta)), normTolerance)
		LayerNorm(y, nil, nil, x, gamma, nil, n, d, eps)
		near(t, what+" without beta", y, forward(kerneltest.Widen(x), kerneltest.Widen(gamma), make([]float64, d)), normTolerance)

		AddLayerNorm(y, sum, mean, rstd, x, r, gamma, beta, n, d, eps)
		s := kerneltest.Widen(sum)
		near(t, what+" sum", y, forward(s, kerneltest.Widen(gamma), kerneltest.Widen(beta)), normTolerance)
		for i := range sum {
			if sum[i] != x[i]+r[i] {
				t.Fatalf("sum[%d] = %v, want %v", i, sum[i], x[i]+r[i])
			}
		}
		if d == 1 {
			continue // rstd is 1/sqrt(eps): differences of 1e-5 say nothing
		}

		dx, dgamma, dbeta := make([]float32, n*d), make([]float32, d), make([]float32, d)
		LayerNormBackward(dx, dgamma, dbeta, dy, sum, gamma, mean, rstd, n, d, false)
		g, b, w := kerneltest.Widen(gamma), kerneltest.Widen(beta), kerneltest.Widen(dy)
		tolerance := normGradTolerance
		if d == 2 { // the difference of two numbers may be small, and its derivative large and steep
			tolerance *= 50
		}
		near(t, what+" dx", dx, gradient64(s, func(x []float64) float64 { return dot64(w, forward(x, g, b)) }), tolerance)
		near(t, what+" dgamma", dgamma, gradient64(g, func(g []float64) float64 { return dot64(w, forward(s, g, b)) }), normGradTolerance)
		near(t, what+" dbeta", dbeta, gradient64(b, func(b []float64) float64 { return dot64(w, forward(s, g, b)) }), normGradTolerance)

		// Adding: dx twice is twice dx, and the parameter gradients always add.
		again, twice := slices.Clone(dx), slices.Clone(dgamma)
		LayerNormBackward(again, twice, nil, dy, sum, gamma, mean, rstd, n, d, true)
		for i := range dx {
			if again[i] != 2*dx[i] {
				t.Fatalf("acc: dx[%d] = %v, want %v", i, again[i], 2*dx[i])
			}
		}
		near(t, what+" dgamma twice", twice, scaled64(kerneltest.Widen(dgamma), 2), normGradTolerance)
	}
}

func scaled64(x []float64, s float64) []float64 {
	for i := range x {
		x[i] *= s
	}
	return x
}

// TestPadding holds that rows of zeros, wherever they are, change no bit of a sum over rows.
func TestPadding(t *testing.T) {
	const n, d = 13, 37
	x, dy, gamma := numbers(1, n*d), numbers(2, n*d), numbers(3, d)
	run := func(at int) [][]float32 { // with three rows of zeros before row at
		px := slices.Insert(slices.Clone(x), at*d, make([]float32, 3*d)...)
		pdy := slices.Insert(slices.Clone(dy), at*d, make([]float32, 3*d)...)
		y, mean, rstd := make([]float32, (n+3)*d), make([]float32, n+3), make([]float32, n+3)
		LayerNorm(y, mean, rstd, px, gamma, nil, n+3, d, 1e-5)
		dgamma, dbeta, sum := make([]float32, d), make([]float32, d), make([]float32, d)
		LayerNormBackward(nil, dgamma, dbeta, pdy, px, gamma, mean, rstd, n+3, d, false)
		ColumnSum(sum, px, n+3, d)
		return [][]float32{dgamma, dbeta, sum}
	}
	want := run(n)
	for at := range n {
		for k, got := range run(at) {
			equalBits(t, fmt.Sprintf("padding at %d, result %d", at, k), got, want[k])
		}
	}
}

func ExampleLayerNorm() {
	x := []float32{1, 3, 2, 6}
	y := make([]float32, 4)
	LayerNorm(y, nil, nil, x, []float32{1, 1}, []float32{0, 10}, 2, 2, 0)
	fmt.Println(y)
	// Output: [-1 11 -1 11]
}
