//go:build !race

// The race detector drops what pools keep, so it allocates where a program doesn't.

package nn_test

import (
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
)

// TestNoGarbage: a sublayer's forward and backward allocate nothing once its buffers have grown.
func TestNoGarbage(t *testing.T) {
	for _, pre := range []bool{false, true} {
		r := base()
		if r.pre, r.kind = pre, "rotary"; pre {
			detecting(&r)
		}
		s := newStack(t, r)
		s.b.Train, s.b.Keys = true, []uint64{1, 2}
		s.embedding.Dropout, s.attention.Dropout = 0.1, 0.1
		for i, l := range s.chain {
			n := 1
			for _, e := range l.Shape(s.b) {
				n *= e
			}
			x, y := make([]float32, 2*5*8), make([]float32, n)
			dx, dy := make([]float32, len(x)), make([]float32, n)
			if res, ok := l.(*nn.Residual); ok {
				res.Dropout, res.Adapter = 0.1, nn.NewBottleneck("adapter", 8, 3, nn.ReLU)
				if feed, ok := res.Branch.(*nn.FeedForward); ok {
					feed.Down.Input = nn.NewParam("input", 1, feed.Down.In())
				}
			}
			got := testing.AllocsPerRun(10, func() {
				if l.Forward(y, x, s.b) != nil || l.Backward(dx, dy, x, y, s.b) != nil {
					t.Error("failed")
				}
			})
			if got != 0 {
				t.Errorf("sublayer %d, %s: %g allocations a step, want 0", i, l.Name(), got)
			}
		}
	}
}

// TestStemNoGarbage: nor does a patch embedding with a stem, also where patches are hidden.
func TestStemNoGarbage(t *testing.T) {
	for about, keep := range map[string][]int32{"all": nil, "kept": {1, 4, 0, 5}} {
		c := newStemCase(t, keep)
		y := make([]float32, len(c.weights))
		got := testing.AllocsPerRun(10, func() {
			if c.e.Forward(y, nil, c.b) != nil || c.e.Backward(nil, y, nil, y, c.b) != nil {
				t.Error("failed")
			}
		})
		if got != 0 {
			t.Errorf("%s: %g allocations a step, want 0", about, got)
		}
	}
}
