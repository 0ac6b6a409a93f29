//go:build !race

// The race detector drops what pools keep, so it allocates where a program doesn't.

package rl_test

import (
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/nn"
)

// TestNoGarbage: reading allocates nothing once its buffers have grown.
func TestNoGarbage(t *testing.T) {
	m := smallModel(t)
	s := m.Snapshot()
	for i := range m.Config.Environments {
		w, b := window(&m.Config.Environments[i], allParts, 2, 4, 1), &nn.Batch{B: 2, T: 12, Causal: true}
		y := make([]float32, 2*12*s.Width())
		e := &m.Config.Environments[i]
		o, a := e.Size(), e.ActionSize()
		action, next, scores := make([]float32, a), make([]float32, e.Targets()), make([]float64, 3)
		h := rl.History{Observations: w.Observations[:4*o], Actions: w.Actions[:3*a]}
		all := rl.History{Observations: w.Observations[:4*o], Actions: w.Actions[:4*a]}
		if got := testing.AllocsPerRun(20, func() {
			if s.Encode(y, i, &w, b) != nil || s.Observe(y[:8*s.Width()], i, w.Observations, 8) != nil ||
				s.Act(action, i, h) != nil || s.Forward(next, i, all) != nil || s.Inverse(action, i, w.Observations[:2*o]) != nil ||
				s.Anomaly(scores, i, w.Observations[:4*o], h.Actions) != nil {
				t.Error("failed")
			}
		}); got != 0 {
			t.Errorf("environment %d: got %g allocations, want 0", i, got)
		}
	}
}
