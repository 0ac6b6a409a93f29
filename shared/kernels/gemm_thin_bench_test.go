package kernels

import (
	"fmt"
	"testing"
)

// BenchmarkThin times the products of a change of rank 8 over 4096 rows, on layers of MiniLM's widths: those with A and B, the gradients of both, and the two in one
// with the layer's own.
func BenchmarkThin(b *testing.B) {
	const rows, rank = 4096, 8
	was := Workers()
	defer SetWorkers(was)
	SetWorkers(1)
	for _, s := range [][2]int{{384, 384}, {384, 1536}, {1536, 384}} {
		in, out := s[0], s[1]
		b.Run(fmt.Sprintf("inner/%d", in), func(b *testing.B) {
			benchProduct(b, rows, rank, in, func(c, x, y []float32) { MatMulNT(c, x, y, rows, rank, in, false) })
		})
		b.Run(fmt.Sprintf("gradient/%d", out), func(b *testing.B) {
			benchProduct(b, rank, out, rows, func(c, x, y []float32) { MatMulTN(c, x, y, rank, out, rows, true) })
		})
		u, v := Make[float32](rows*rank), Make[float32](rank*max(in, out))
		b.Run(fmt.Sprintf("forward/%dx%d", in, out), func(b *testing.B) {
			benchProduct(b, rows, out, in, func(c, x, y []float32) { MatMulNTThin(c, out, x, y, nil, u, v, rows, out, in, rank) })
		})
		b.Run(fmt.Sprintf("backward/%dx%d", in, out), func(b *testing.B) {
			benchProduct(b, rows, in, out, func(c, x, y []float32) { MatMulThin(c, x, y, u, v, rows, in, out, rank, false) })
		})
	}
}
