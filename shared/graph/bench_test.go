package graph_test

import (
	"testing"
	"time"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
)

// newBench returns mini with a batch of 32 samples of 128 tokens, 15 % of them masked.
func newBench(b *testing.B) (*model, *nn.Batch) {
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
	return m, batch
}

func benchmarkStep(b *testing.B, s stepper, batch *nn.Batch) {
	if _, err := s.Step(batch); err != nil { // the buffers grow
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Step(batch); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStepGraph(b *testing.B) {
	m, batch := newBench(b)
	benchmarkStep(b, graph.New(m.chain...), batch)
}

func BenchmarkStepDirect(b *testing.B) {
	m, batch := newBench(b)
	benchmarkStep(b, graph.Direct(m.chain...), batch)
}

// BenchmarkStepRatio runs the graph and the direct calls in turns and reports the fastest of each and their ratio: the graph
// may cost 3 %.
func BenchmarkStepRatio(b *testing.B) {
	m, batch := newBench(b)
	both := [2]stepper{graph.New(m.chain...), graph.Direct(m.chain...)}
	best := [2]time.Duration{time.Hour, time.Hour}
	for i := -1; b.Loop(); i++ { // the first turn warms up
		for j, s := range both {
			start := time.Now()
			if _, err := s.Step(batch); err != nil {
				b.Fatal(err)
			}
			if i >= 0 {
				best[j] = min(best[j], time.Since(start))
			}
		}
	}
	b.ReportMetric(best[0].Seconds()*1e3, "graph-ms")
	b.ReportMetric(best[1].Seconds()*1e3, "direct-ms")
	b.ReportMetric(best[0].Seconds()/best[1].Seconds(), "ratio")
}
