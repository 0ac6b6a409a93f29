//go:build !race

// The race detector drops what pools keep, so it allocates where a program doesn't.

package backbone_test

import (
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
)

func TestInferenceMakesNoGarbage(t *testing.T) {
	for name, c := range variants() {
		s := newEncoder(t, c).Snapshot()
		b := &nn.Batch{B: 3, T: 9, Lengths: []int32{9, 4, 7}}
		x := noise(1, 3*9*c.Hidden)
		y := make([]float32, len(x))
		full := &nn.Batch{B: 3, T: 9}
		n := testing.AllocsPerRun(20, func() {
			if s.Forward(y, x, b) != nil || s.Forward(y, x, full) != nil {
				t.Error("failed")
			}
		})
		if n != 0 {
			t.Errorf("%s: %g allocations in steady state, want 0", name, n)
		}
	}
}
