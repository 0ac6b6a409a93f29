package kernels

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestMatMulThin holds a product with another of little depth in its chains to the two products one after another, to the bit, over sizes on both sides of tiles and of
// blocks of depth, and that nothing beside its rows is written.
func TestMatMulThin(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	noise := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		return x
	}
	everyPath(t, func(t *testing.T) { matMulThin(t, noise) })
	defer func() {
		if recover() == nil {
			t.Error("a short slice: got no panic")
		}
	}()
	MatMulThin(noise(4), noise(4), noise(4), noise(1), noise(2), 2, 2, 2, 1, false)
}

func matMulThin(t *testing.T, noise func(n int) []float32) {
	for _, s := range [][4]int{{1, 1, 1, 1}, {3, 17, 5, 2}, {15, 48, 8, 8}, {33, 40, 200, 7}, {5, 33, 1100, 16}, {240, 35, 9, 9}, {31, 96, 600, 8}, {230, 64, 33, 3}} {
		m, n, k, low := s[0], s[1], s[2], s[3]
		a, b, bias, u, v := noise(m*k), noise(n*k), noise(n), noise(m*low), noise(n*low)
		c := noise(m * n)
		const gap = 5
		for _, bias := range [][]float32{nil, bias} {
			want := make([]float32, m*n)
			if bias == nil {
				MatMulNT(want, a, b, m, n, k, false)
			} else {
				MatMulNTBias(want, a, b, bias, m, n, k)
			}
			MatMulNT(want, u, v, m, n, low, true)
			got := noise(m * (n + gap))
			rim := slices.Clone(got)
			MatMulNTThin(got, n+gap, a, b, bias, u, v, m, n, k, low)
			for i := range m {
				row := got[i*(n+gap):][:n+gap]
				if !slices.Equal(row[:n], want[i*n:][:n]) {
					t.Fatalf("%v: row %d differs from two products", s, i)
				}
				if !slices.Equal(row[n:], rim[i*(n+gap)+n:][:gap]) {
					t.Fatalf("%v: row %d: wrote beside it", s, i)
				}
			}
		}
		for _, acc := range []bool{false, true} {
			want, got := slices.Clone(c), slices.Clone(c)
			MatMul(want, u, v, m, n, low, acc)
			MatMul(want, a, b, m, n, k, true)
			MatMulThin(got, a, b, u, v, m, n, k, low, acc)
			if !slices.Equal(got, want) {
				t.Fatalf("%v, acc %v: differs from two products", s, acc)
			}
		}
	}
}
