package policy

import (
	"fmt"
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

// BenchmarkPredict times a decision of models of two sizes: of a policy without a context, and of one with a context of 20 steps, which reads every step once (continued) or
// the last 20 steps in every step (anew).
func BenchmarkPredict(b *testing.B) {
	for _, size := range []backbone.Config{{Hidden: 64, Layers: 1, Heads: 1, Intermediate: 128}, {Hidden: 256, Layers: 4, Heads: 4, Intermediate: 1024}} {
		for _, context := range []int{0, 20} {
			_, _, s := parts(b, "CartPole-v1", context)
			m, err := rl.New(rl.Config{Config: size, Context: 20, Environments: []rl.Environment{s.Environment}}, 1)
			if err != nil {
				b.Fatal(err)
			}
			p, err := New(m, NewHead(Actions{&s.Environment}, m.Width(), 1), s)
			if err != nil {
				b.Fatal(err)
			}
			o, action := make([]float32, 4), make([]float32, 1)
			name := "alone"
			if context > 0 {
				name = "continued"
			}
			b.Run(fmt.Sprintf("width=%d/%s", size.Hidden, name), func(b *testing.B) {
				s := p.NewSession(1)
				for b.Loop() {
					if _, err := s.Predict(action, o, true); err != nil {
						b.Fatal(err)
					}
				}
			})
			if context == 0 {
				continue
			}
			b.Run(fmt.Sprintf("width=%d/anew", size.Hidden), func(b *testing.B) {
				w := rl.Window{Parts: s.parts(), K: context, Returns: make([]float32, context), Observations: make([]float32, 4*context), Actions: make([]float32, context)}
				y, outputs, value := make([]float32, w.Tokens()*size.Hidden), make([]float32, 2), make([]float32, 1)
				for b.Loop() {
					batch := nn.Batch{B: 1, T: w.Tokens(), Lengths: []int32{int32(w.Tokens() - 1)}, Causal: true}
					if err := p.infer.Encode(y, 0, &w, &batch); err != nil {
						b.Fatal(err)
					}
					if err := p.answer(outputs, value, y[len(y)-2*size.Hidden:len(y)-size.Hidden], &nn.Batch{B: 1, T: 1}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
