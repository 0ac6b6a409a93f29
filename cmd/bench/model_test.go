package bench

import (
	"testing"

	"github.com/fmkit/fmkit/shared/graph"
)

// TestTrainingStep holds that graph and direct calls do the same work, and that it trains.
func TestTrainingStep(t *testing.T) {
	if testing.Short() {
		t.Skip("some training steps of mini")
	}
	s, err := newTrainingStep()
	if err != nil {
		t.Fatal(err)
	}
	g, d := graph.New(s.chain...), graph.Direct(s.chain...)
	a, err := g.Step(&s.batch)
	if err != nil {
		t.Fatal(err)
	}
	b, err := d.Step(&s.batch)
	if err != nil {
		t.Fatal(err)
	}
	if a != b {
		t.Errorf("graph's loss is %v, direct calls' %v: want the same bits", a, b)
	}
	for range 2 {
		if err := s.work(g.Step)(); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := g.Loss(&s.batch); err != nil || !(c < a) {
		t.Errorf("loss after two steps is %v, %v, want less than %v", c, err, a)
	}
}

// TestReaderMakesNoGarbage holds that inference allocates nothing once it is warm.
func TestReaderMakesNoGarbage(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a model of 22M parameters")
	}
	r, err := newReader()
	if err != nil {
		t.Fatal(err)
	}
	work, _ := r.work(readings[0])
	n, err := allocated(work)
	if err != nil || n != 0 {
		t.Errorf("%v bytes a call, %v, want 0", n, err)
	}
}
