package kernels

import (
	"fmt"
	"testing"
)

// BenchmarkAttention times forward and backward of one layer; FLOP counts the products only.
func BenchmarkAttention(b *testing.B) {
	for _, s := range []AttentionShape{
		{B: 32, H: 4, K: 64, Tq: 128, Tk: 128},
		{B: 32, H: 12, K: 32, Tq: 128, Tk: 128},
		{B: 1, H: 12, K: 32, Tq: 128, Tk: 128},
		{B: 4, H: 4, K: 64, Tq: 512, Tk: 512},
	} {
		s.LdQ, s.LdKV, s.LdO = 3*s.H*s.K, 3*s.H*s.K, s.H*s.K
		c := newAttentionCase(s)
		r := c.run()
		flop := 4 * float64(s.B*s.H*s.Tq*s.Tk*s.K)
		rate := func(b *testing.B, times float64) {
			b.ReportMetric(times*flop*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		}
		b.Run(fmt.Sprintf("B%dH%dK%dT%d", s.B, s.H, s.K, s.Tq), func(b *testing.B) {
			benchWorkers(b, func(b *testing.B) {
				b.Run("inference", func(b *testing.B) {
					for range b.N {
						Attention(r.o, nil, c.q, c.k, c.v, &c.AttentionShape)
					}
					rate(b, 1)
				})
				b.Run("forward", func(b *testing.B) {
					for range b.N {
						Attention(r.o, r.probs, c.q, c.k, c.v, &c.AttentionShape)
					}
					rate(b, 1)
				})
				b.Run("backward", func(b *testing.B) {
					for range b.N {
						AttentionBackward(r.dq, r.dk, r.dv, c.do, c.q, c.k, c.v, r.probs, &c.AttentionShape)
					}
					rate(b, 2)
				})
			})
		})
	}
}
