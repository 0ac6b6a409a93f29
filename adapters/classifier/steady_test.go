package classifier_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text/texttest"
)

func trained(t *testing.T) *classifier.Predictor {
	t.Helper()
	base, err := texttest.Model(1, "cat", "pump", "sleeps", "hay")
	if err != nil {
		t.Fatal(err)
	}
	c := train.Defaults()
	c.Steps, c.Held = 2, 0
	_, p, err := train.Train(t.Context(), base, train.Data{Train: []data.Labelled{{Text: "cat sleeps", Label: "a"}, {Text: "pump", Label: "b"}}}, c, finetune.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// texts of several lengths, some cut.
func texts() []string {
	var all []string
	for i := range 40 {
		all = append(all, strings.TrimSpace(strings.Repeat("cat sleeps pump hay ", i/4+1)[:5*i+3]))
	}
	return all
}

// TestSteadyState: one text after another is classified without garbage, with the bits of a batch.
func TestSteadyState(t *testing.T) {
	p, in := trained(t), texts()
	want, err := p.Predict(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var dst []float32
	all := func() {
		for i, s := range in {
			if dst, err = p.AppendScores(dst[:0], s); err != nil {
				t.Fatal(err)
			}
			for c, label := range p.Labels() {
				if got := float64(dst[c]); got != score(want[i], label) {
					t.Fatalf("%q, %s: got %v, in a batch %v", s, label, got, score(want[i], label))
				}
			}
		}
	}
	all()
	if raceEnabled {
		return // it makes pools forget
	}
	least := 1.0
	for range 10 { // a collection may empty the pools in between
		least = min(least, testing.AllocsPerRun(10, func() {
			for _, s := range in {
				if dst, err = p.AppendScores(dst[:0], s); err != nil {
					t.Fatal(err)
				}
			}
		}))
	}
	if least > 0 {
		t.Errorf("got %v allocations for %d texts, want none", least, len(in))
	}
}

func score(all []classifier.Score, label string) float64 {
	return all[slices.IndexFunc(all, func(s classifier.Score) bool { return s.Label == label })].Score
}

// TestConcurrent: 16 goroutines get the answers of one, bit for bit.
func TestConcurrent(t *testing.T) {
	p, in := trained(t), texts()
	want := make([][]float32, len(in))
	for i, s := range in {
		var err error
		if want[i], err = p.AppendScores(nil, s); err != nil {
			t.Fatal(err)
		}
	}
	var group sync.WaitGroup
	for g := range 16 {
		group.Go(func() {
			var dst []float32
			for k := range 5 * len(in) {
				i := (k*7 + g) % len(in)
				var err error
				if dst, err = p.AppendScores(dst[:0], in[i]); err != nil || !slices.Equal(dst, want[i]) {
					t.Errorf("%q: got %v, %v, want %v", in[i], dst, err, want[i])
					return
				}
			}
		})
	}
	group.Wait()
}
