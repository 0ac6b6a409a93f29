//go:build !race

package graph_test

import (
	"testing"

	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// TestUpdatesMakeNoGarbage holds for both optimizers, whether matrices are moved one after the other or at the same time.
func TestUpdatesMakeNoGarbage(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	before, runs := 20, 50
	if testing.Short() { // Muon is slow without assembly
		before, runs = 3, 3
	}
	for name, make := range map[string]func(p []*nn.Param) graph.Optimizer{
		"adamw": func(p []*nn.Param) graph.Optimizer { return graph.NewAdamW(p, graph.AdamWConfig{}) },
		"muon":  func(p []*nn.Param) graph.Optimizer { return graph.NewMuon(p, graph.MuonConfig{}) },
	} {
		for _, workers := range []int{1, 2, 16} {
			kernels.SetWorkers(workers)
			params := several()
			opt := make(params)
			update := func() {
				if err := opt.Update(1e-3, 1); err != nil {
					t.Fatal(err)
				}
			}
			for range before {
				update()
			}
			if n := testing.AllocsPerRun(runs, update); n >= 1 {
				t.Errorf("%s, %d workers: %v allocations an update", name, workers, n)
			}
		}
	}
}
