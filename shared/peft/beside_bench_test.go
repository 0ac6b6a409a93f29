package peft_test

import (
	"testing"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

// BenchmarkMixed reads 32 samples of 35 tokens with an encoder of MiniLM's shape: as it is, all by one low-rank change of rank 8 on query and value, and each by
// another of 256.
func BenchmarkMixed(b *testing.B) {
	e, err := backbone.New(backbone.Config{Hidden: 384, Layers: 6, Heads: 12, Intermediate: 1536, MaxPositions: 512}, "")
	if err != nil {
		b.Fatal(err)
	}
	e.Init(1)
	root := e.Snapshot()
	var changes []*backbone.Inference
	for i := range 256 {
		s, ok := root.With(changed(b, e, 8, []string{"query", "value"}, uint64(i)))
		if !ok {
			b.Fatal("not shared")
		}
		changes = append(changes, s)
	}
	l := &nn.Batch{B: 32, T: 35}
	x := make([]float32, 32*35*384)
	y := make([]float32, len(x))
	of := make([]*backbone.Inference, 32)
	for _, c := range []struct {
		name string
		of   func(call, i int) *backbone.Inference
	}{
		{"base", func(int, int) *backbone.Inference { return root }},
		{"one", func(int, int) *backbone.Inference { return changes[0] }},
		{"many", func(call, i int) *backbone.Inference { return changes[(32*call+i)%len(changes)] }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for call := range b.N {
				for i := range of {
					of[i] = c.of(call, i)
				}
				if err := root.ForwardMixed(y, x, l, of); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
