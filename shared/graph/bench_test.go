package graph_test

import (
	"testing"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/graph"
)

// benchmarkStep times forward and backward of mini on 32 samples of 128 tokens with 15 % of them masked. Run both benchmarks
// alternately, as in -count 10, and compare the fastest: the graph may cost 3 %.
func benchmarkStep(b *testing.B, viaGraph bool) {
	c, err := backbone.Preset("mini")
	if err != nil {
		b.Fatal(err)
	}
	m := newModel(b, c, 8192)
	lengths := make([]int, 32)
	for i := range lengths {
		lengths[i] = c.MaxPositions
	}
	batch := m.fill(1, c.MaxPositions, lengths...)
	masked := 614
	m.head.Positions, m.head.Targets = m.head.Positions[:masked], m.head.Targets[:masked]
	var s stepper = graph.Direct(m.chain...)
	if viaGraph {
		s = graph.New(m.chain...)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Step(batch); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStepGraph(b *testing.B)  { benchmarkStep(b, true) }
func BenchmarkStepDirect(b *testing.B) { benchmarkStep(b, false) }
