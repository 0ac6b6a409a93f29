//go:build !race

// The race detector drops what pools keep, so it allocates where a program doesn't.

package rl_test

import (
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
)

// TestNoGarbage: reading allocates nothing once its buffers have grown.
func TestNoGarbage(t *testing.T) {
	m := smallModel(t)
	s := m.Snapshot()
	for i := range m.Config.Environments {
		w, b := window(&m.Config.Environments[i], allParts, 2, 4, 1), &nn.Batch{B: 2, T: 12, Causal: true}
		y := make([]float32, 2*12*s.Width())
		if got := testing.AllocsPerRun(20, func() {
			if s.Encode(y, i, &w, b) != nil || s.Observe(y[:8*s.Width()], i, w.Observations, 8) != nil {
				t.Error("failed")
			}
		}); got != 0 {
			t.Errorf("environment %d: got %g allocations, want 0", i, got)
		}
	}
}
