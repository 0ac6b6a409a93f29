package kerneltest

import (
	"fmt"
	"testing"
)

// Products are the matrix products of one implementation, with the contracts of package kernels.
type Products struct {
	MatMul       func(c, a, b []float32, m, n, k int, acc bool) // a [M, K], b [K, N]
	MatMulNT     func(c, a, b []float32, m, n, k int, acc bool) // b [N, K]
	MatMulTN     func(c, a, b []float32, m, n, k int, acc bool) // a [K, M]
	MatMulNTBias func(c, a, b, bias []float32, m, n, k int)
	PackedNT     func(c, a, b []float32, m, n, k int, acc bool) // b [N, K], packed first
	PackedBias   func(c, a, b, bias []float32, m, n, k int)
}

// CheckProducts holds matrix products to their chains: fused multiply-adds in ascending depth from zero, from the
// destination or from the bias, for shapes around the tiles and the blocks of depth.
func CheckProducts(t *testing.T, f Products) {
	for _, s := range [][3]int{ // M, N, K
		{0, 3, 2},
		{3, 0, 2},
		{3, 2, 0},
		{1, 1, 1},
		{5, 15, 3},
		{6, 16, 8},
		{7, 17, 9},
		{13, 31, 4},
		{14, 32, 5},
		{15, 33, 6},
		{2, 3, 511},
		{2, 3, 512},
		{2, 3, 513},
		{2, 1, 1100},
		{1, 2, 2049},
		{29, 20, 7},
	} {
		m, n, k := s[0], s[1], s[2]
		a, b, bias, start := normals(1, m*k), normals(2, k*n), normals(3, n), normals(4, m*n)
		fresh := chains(a, b, make([]float32, m*n), m, n, k)
		added := chains(a, b, start, m, n, k)
		rows := make([]float32, 0, m*n)
		for range m {
			rows = append(rows, bias...)
		}
		biased := chains(a, b, rows, m, n, k)
		at, bt := transposed(a, m, k), transposed(b, k, n)
		for _, p := range []struct {
			name string
			run  func(c, a, b []float32, m, n, k int, acc bool)
			a, b []float32
		}{{"MatMul", f.MatMul, a, b}, {"MatMulNT", f.MatMulNT, a, bt}, {"MatMulTN", f.MatMulTN, at, b}, {"PackedNT", f.PackedNT, a, bt}} {
			got := clone(start)
			p.run(got, p.a, p.b, m, n, k, false)
			equal(t, fmt.Sprint(p.name, " ", s), got, fresh)
			got = clone(start)
			p.run(got, p.a, p.b, m, n, k, true)
			equal(t, fmt.Sprint(p.name, " added ", s), got, added)
		}
		got := clone(start)
		f.MatMulNTBias(got, a, bt, bias, m, n, k)
		equal(t, fmt.Sprint("MatMulNTBias ", s), got, biased)
		got = clone(start)
		f.PackedBias(got, a, bt, bias, m, n, k)
		equal(t, fmt.Sprint("PackedBias ", s), got, biased)
	}
}

// chains returns start [M, N] + a [M, K] b [K, N], element by element.
func chains(a, b, start []float32, m, n, k int) []float32 {
	c := make([]float32, m*n)
	for i := range c {
		s := start[i]
		for p := range k {
			s = fma(a[i/n*k+p], b[p*n+i%n], s)
		}
		c[i] = s
	}
	return c
}

// transposed returns the transpose of x [rows, cols].
func transposed(x []float32, rows, cols int) []float32 {
	y := make([]float32, len(x))
	for i := range x {
		y[i%cols*rows+i/cols] = x[i]
	}
	return y
}
