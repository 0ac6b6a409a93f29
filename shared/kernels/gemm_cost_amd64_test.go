//go:build amd64 && !purego

package kernels

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// costCase runs one product of whole AVX2 tiles, 192 x N x K, by one of two kernels over the same packed panels: the
// canonical one, whose chains start from c, and the one that sums a block from zero and adds c at the end.
type costCase struct {
	n, k       int
	a, b, c    []float32
	sumAtStart bool
}

const costRows = 192

func newCostCase(n, k int) *costCase {
	r := rand.New(rand.NewPCG(5, 6))
	return &costCase{n: n, k: k, a: random(r, costRows*k), b: random(r, n*k), c: make([]float32, costRows*n)}
}

func (c *costCase) run() {
	for k0 := 0; k0 < c.k; k0 += depthBlock {
		depth := min(depthBlock, c.k-k0)
		for j := 0; j < c.n; j += tileCols {
			out := &c.c[j]
			init := out
			if k0 == 0 {
				init = nil
			}
			a, b := &c.a[k0], &c.b[j*c.k+k0*tileCols]
			if c.sumAtStart {
				tilesRows6(costRows/6, depth, a, c.k, 6*c.k, b, out, c.n, init, c.n)
			} else {
				tilesSumLast6(costRows/6, depth, a, c.k, 6*c.k, b, out, c.n, init, c.n)
			}
		}
	}
}

// BenchmarkCanonicalCost reports what the canonical order of a product costs, in percent of the time of the same kernel
// without it: the fastest run of each of two kernels that take turns. The bound is 3 %.
func BenchmarkCanonicalCost(b *testing.B) {
	if !avx2 {
		b.Skip("needs AVX2")
	}
	for _, s := range [][2]int{{256, 1024}, {384, 1536}, {256, 3000}, {256, 256}} {
		b.Run(fmt.Sprintf("%dx%dx%d", costRows, s[0], s[1]), func(b *testing.B) {
			c := newCostCase(s[0], s[1])
			best := [2]time.Duration{1 << 62, 1 << 62}
			for i := range 2*b.N + 60 {
				c.sumAtStart = i%2 == 0
				start := time.Now()
				c.run()
				best[i%2] = min(best[i%2], time.Since(start))
			}
			flop := 2 * float64(costRows) * float64(c.n) * float64(c.k)
			b.ReportMetric(100*(float64(best[0])/float64(best[1])-1), "%cost")
			b.ReportMetric(flop/float64(best[0]), "GFLOP/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}
