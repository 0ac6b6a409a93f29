package kernels

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestGram: both forms have the bits of the product that they stand for, and so has the square of a symmetric matrix.
func TestGram(t *testing.T) {
	var shapes []*product
	for _, n := range []int{0, 1, 2, 15, 16, 17, 31, 33, 57, 64, 129, 300} {
		for _, k := range []int{0, 1, 7, 64, 513} {
			p := &product{m: n, n: n, k: k, a: random(rand.New(rand.NewPCG(uint64(n), uint64(k))), n*k), start: make([]float32, n*n), zero: make([]float32, n*n)}
			p.at = transpose(p.a, n, k)
			MatMulNT(p.zero, p.a, p.a, n, n, k, false) // held to the rules by TestMatMulEqualsChains
			shapes = append(shapes, p)
		}
	}
	everyPath(t, func(t *testing.T) {
		for _, p := range shapes {
			p.check(t, "Gram", p.zero, func(c []float32) { Gram(c, p.a, p.n, p.k) })
			p.check(t, "GramT", p.zero, func(c []float32) { GramT(c, p.at, p.n, p.k) })
			square := make([]float32, p.n*p.n)
			MatMul(square, p.zero, p.zero, p.n, p.n, p.n, false)
			p.check(t, "square", square, func(c []float32) { Gram(c, p.zero, p.n, p.n) })
		}
	})
}

// BenchmarkGram times the products of an orthogonal move of a block's matrices beside those that don't know of the symmetry.
func BenchmarkGram(b *testing.B) {
	for _, s := range [][2]int{{256, 256}, {256, 1024}, {640, 640}} {
		n, k := s[0], s[1]
		for name, f := range map[string]func(c, x, y []float32){
			"Gram":     func(c, x, _ []float32) { Gram(c, x, n, k) },
			"MatMulNT": func(c, x, _ []float32) { MatMulNT(c, x, x, n, n, k, false) },
			"GramT":    func(c, x, _ []float32) { GramT(c, x, n, k) },
			"MatMulTN": func(c, x, _ []float32) { MatMulTN(c, x, x, n, n, k, false) },
		} {
			b.Run(fmt.Sprintf("%s/%dx%d", name, n, k), func(b *testing.B) {
				benchWorkers(b, func(b *testing.B) { benchProduct(b, n, n, k, f) })
			})
		}
	}
}
