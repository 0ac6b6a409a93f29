package kernels

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// benchShapes are those of an encoder's linear layers over 4096 or 2048 tokens.
var benchShapes = [][3]int{ // M, N, K
	{4096, 256, 256},
	{4096, 1024, 256},
	{4096, 256, 1024},
	{4096, 768, 256},
	{2048, 384, 384},
	{2048, 1536, 384},
	{2048, 384, 1536},
	{4096, 768, 768},
	{2048, 1024, 1024},
}

// benchProduct times f on c [M, N], a and b of M*K and K*N elements, and reports GFLOP/s.
func benchProduct(b *testing.B, m, n, k int, f func(c, x, y []float32)) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	c, x, y := Make[float32](m*n), random(r, m*k), random(r, k*n)
	f(c, x, y)
	b.ResetTimer()
	for range b.N {
		f(c, x, y)
	}
	b.ReportMetric(2*float64(m)*float64(n)*float64(k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	b.ReportMetric(0, "ns/op")
}

func benchWorkers(b *testing.B, f func(b *testing.B)) {
	b.Helper()
	was := Workers()
	defer SetWorkers(was)
	for _, w := range []int{1, 2} {
		SetWorkers(w)
		b.Run(fmt.Sprintf("workers=%d", w), f)
	}
}

// BenchmarkMatMul times the forward product of every shape.
func BenchmarkMatMul(b *testing.B) {
	for _, s := range benchShapes {
		m, n, k := s[0], s[1], s[2]
		b.Run(fmt.Sprintf("%dx%dx%d", m, n, k), func(b *testing.B) {
			benchWorkers(b, func(b *testing.B) {
				benchProduct(b, m, n, k, func(c, x, y []float32) { MatMul(c, x, y, m, n, k, false) })
			})
		})
	}
}

// BenchmarkMatMulNT times the forward product on weights [N, K].
func BenchmarkMatMulNT(b *testing.B) {
	for _, s := range benchShapes {
		m, n, k := s[0], s[1], s[2]
		b.Run(fmt.Sprintf("%dx%dx%d", m, n, k), func(b *testing.B) {
			benchWorkers(b, func(b *testing.B) {
				benchProduct(b, m, n, k, func(c, x, y []float32) { MatMulNT(c, x, y, m, n, k, false) })
			})
		})
	}
}

// BenchmarkMatMulTN times the gradient of the weights: dW [N, K] = dY [M, N] transposed times X [M, K].
func BenchmarkMatMulTN(b *testing.B) {
	for _, s := range benchShapes {
		m, n, k := s[1], s[2], s[0]
		b.Run(fmt.Sprintf("%dx%dx%d", m, n, k), func(b *testing.B) {
			benchWorkers(b, func(b *testing.B) {
				benchProduct(b, m, n, k, func(c, x, y []float32) { MatMulTN(c, x, y, m, n, k, true) })
			})
		})
	}
}

// BenchmarkPacked times one short sequence through packed weights.
func BenchmarkPacked(b *testing.B) {
	for _, s := range [][3]int{{16, 384, 384}, {16, 1536, 384}, {128, 384, 384}, {128, 1536, 384}, {128, 384, 1536}, {64, 768, 256}, {32, 256, 1024}} {
		m, n, k := s[0], s[1], s[2]
		b.Run(fmt.Sprintf("%dx%dx%d", m, n, k), func(b *testing.B) {
			benchWorkers(b, func(b *testing.B) {
				var p *Packed
				benchProduct(b, m, n, k, func(c, x, y []float32) {
					if p == nil {
						p = PackNT(y, n, k)
					}
					p.MatMul(c, x, m, false)
				})
			})
		})
	}
}

// BenchmarkMicroKernel times one tile out of the first-level cache: the peak that can be had.
func BenchmarkMicroKernel(b *testing.B) {
	const k = 256
	r := rand.New(rand.NewPCG(1, 2))
	rows, panels := tileShape()
	a, p, c := random(r, rows*k), random(r, panels*tileCols*k), make([]float32, rows*panels*tileCols)
	for range b.N {
		tiles(panels, rows, 1, k, a, k, 1, 0, p, 16*k, c, panels*tileCols, nil, 0)
	}
	b.ReportMetric(2*float64(rows*panels)*tileCols*k*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
