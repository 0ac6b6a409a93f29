//go:build !race

// The race detector drops what pools keep, so it allocates where a program doesn't.

package backbone_test

import (
	"testing"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

func TestInferenceMakesNoGarbage(t *testing.T) {
	for name, c := range variants() {
		s := newEncoder(t, c).Snapshot()
		b := &nn.Batch{B: 3, T: 9, Lengths: []int32{9, 4, 7}}
		x := noise(1, 3*9*c.Hidden)
		y := make([]float32, len(x))
		full := &nn.Batch{B: 3, T: 9}
		states, after := [][]float32{y, make([]float32, len(y))}, []int{1, 2}
		n := testing.AllocsPerRun(20, func() {
			if s.Forward(y, x, b) != nil || s.Forward(y, x, full) != nil || s.States(states, after, x, b) != nil {
				t.Error("failed")
			}
		})
		if n != 0 {
			t.Errorf("%s: %g allocations in steady state, want 0", name, n)
		}
	}
}

func TestDecodeMakesNoGarbage(t *testing.T) {
	decodable(t, func(name string, s *backbone.Inference) {
		d := s.Config().Hidden
		caches := []*backbone.Cache{s.NewCache(), s.NewCache(), s.NewCache()}
		x := noise(1, 3*9*d)
		y := make([]float32, len(x))
		piece, one := &nn.Batch{B: 3, T: 9, Lengths: []int32{9, 4, 7}}, &nn.Batch{B: 3, T: 1}
		n := testing.AllocsPerRun(20, func() {
			for _, c := range caches {
				c.Truncate(0)
			}
			if s.Decode(y, x, piece, caches) != nil || s.Decode(y[:3*d], x[:3*d], one, caches) != nil {
				t.Error("failed")
			}
		})
		if n != 0 {
			t.Errorf("%s: %g allocations in steady state, want 0", name, n)
		}
	})
}
