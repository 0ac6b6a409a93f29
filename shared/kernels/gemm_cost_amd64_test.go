//go:build amd64 && !purego

package kernels

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
)

// costCase runs one product of whole tiles, rows x N x K, by one of two kernels over the same packed panels: the
// canonical one, whose chains start from c, and the one that sums a block from zero and adds c at the end.
type costCase struct {
	wide       bool // AVX-512 tiles of 14 x 32, else AVX2 tiles of 6 x 16
	n, k       int
	a, b, c    []float32
	sumAtStart bool
}

// Rows that are whole tiles of either height.
const costRows = 14 * 6 * 2

func newCostCase(wide bool, n, k int) *costCase {
	r := rand.New(rand.NewPCG(5, 6))
	return &costCase{wide: wide, n: n, k: k, a: random(r, costRows*k), b: random(r, n*k), c: make([]float32, costRows*n)}
}

func (c *costCase) run() {
	cols := tileCols
	if c.wide {
		cols *= 2
	}
	for k0 := 0; k0 < c.k; k0 += depthBlock {
		depth := min(depthBlock, c.k-k0)
		for j := 0; j < c.n; j += cols {
			out := &c.c[j]
			init := out
			if k0 == 0 {
				init = nil
			}
			a, b := &c.a[k0], &c.b[j*c.k+k0*tileCols]
			switch {
			case c.wide && c.sumAtStart:
				wideRows2(14, costRows/14, depth, a, c.k, 14*c.k, b, tileCols*c.k, out, c.n, init, c.n)
			case c.wide:
				wideSumLast2(costRows/14, depth, a, c.k, 14*c.k, b, tileCols*c.k, out, c.n, init, c.n)
			case c.sumAtStart:
				tilesRows6(costRows/6, depth, a, c.k, 6*c.k, b, out, c.n, init, c.n)
			default:
				tilesSumLast6(costRows/6, depth, a, c.k, 6*c.k, b, out, c.n, init, c.n)
			}
		}
	}
}

// BenchmarkCanonicalCost reports what the canonical order of a product costs, in percent of the time of the same kernel
// without it: the fastest run of each of two kernels that take turns. The bound is 3 %.
func BenchmarkCanonicalCost(b *testing.B) {
	for name, tiles := range map[string]struct{ wide, have bool }{"avx2": {false, avx2}, "avx512": {true, avx512}} {
		for _, s := range [][2]int{{256, 1024}, {384, 1536}, {256, 3000}, {256, 256}} {
			b.Run(fmt.Sprintf("%s/%dx%dx%d", name, costRows, s[0], s[1]), func(b *testing.B) {
				if !tiles.have {
					b.Skip("the processor has no such instructions")
				}
				c := newCostCase(tiles.wide, s[0], s[1])
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
}

// TestCostTwins: both kernels of each width compute the same product, but for rounding.
func TestCostTwins(t *testing.T) {
	for name, tiles := range map[string]struct{ wide, have bool }{"avx2": {false, avx2}, "avx512": {true, avx512}} {
		if !tiles.have {
			continue
		}
		c := newCostCase(tiles.wide, 64, 1100) // blocks of depth and a rest
		var got [2][]float64
		for i := range got {
			c.sumAtStart = i == 0
			c.run()
			got[i] = kerneltest.Widen(c.c)
		}
		const tolerance = 1e-3 // of sums of a thousand products
		near(t, name, c.c, got[0], tolerance)
	}
}
