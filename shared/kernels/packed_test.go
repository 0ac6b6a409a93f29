package kernels

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestMatMulAdd holds products inside wider rows to those of rows by themselves, to the bit, and that nothing beside them is written.
func TestMatMulAdd(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	noise := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		return x
	}
	for _, s := range [][3]int{{1, 1, 1}, {3, 17, 5}, {7, 48, 8}, {33, 16, 24}, {200, 64, 600}} {
		m, n, k := s[0], s[1], s[2]
		lda, ldc, at := k+3, n+5, 2
		a, c, w := noise(m*lda), noise(m*ldc+at), noise(n*k)
		p := PackNT(w, n, k)
		want := slices.Clone(c)
		for i := range m {
			p.MatMul(want[at+i*ldc:][:n], a[i*lda:][:k], 1, true)
		}
		p.MatMulAdd(c[at:], ldc, a, lda, m)
		if !slices.Equal(c, want) {
			t.Errorf("%v: differs from rows by themselves", s)
		}
	}
}
