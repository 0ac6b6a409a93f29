package document_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/fmkit/fmkit/adapters/document"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
)

// TestCalibrate holds that no other threshold has a better F1 on the documents that it is chosen on, and that evaluation counts what is known and nothing else.
func TestCalibrate(t *testing.T) {
	base, ctx := toy(t), t.Context()
	base.Freeze()
	dirs := parts(t, base, adapter.Head)
	made := 0
	with := func(threshold *float64, known []data.Document) (*document.Analyzer, error) {
		s := document.Settings{Questions: asked.Questions, Threshold: threshold}
		made++
		dir := filepath.Join(t.TempDir(), fmt.Sprint(made))
		if _, err := document.Assemble(ctx, dir, base, dirs, s, known); err != nil {
			return nil, err
		}
		return document.Load(dir, base)
	}
	high := 1e9
	always, err := with(&high, nil)
	if err != nil {
		t.Fatal(err)
	}
	words := []string{"the cat sleeps", "a dog runs to the river", "who sleeps in the rain", "where is the bank", "the river runs", "rain"}
	var known []data.Document
	for i := range 12 {
		d := data.Document{Text: words[i%6] + ". " + words[(i*5+1)%6] + fmt.Sprint(" ", i, "."), Answers: map[string][]string{}}
		got, err := always.Analyze(ctx, d.Text)
		if err != nil {
			t.Fatal(err)
		}
		for j, q := range asked.Questions {
			d.Answers[q.Question] = []string{}
			if (i+j)%3 > 0 {
				d.Answers[q.Question] = []string{got.Answers[j].Answer}
			}
		}
		known = append(known, d)
	}
	a, err := with(nil, known)
	if err != nil {
		t.Fatal(err)
	}
	chosen := a.Settings().Threshold
	best, err := document.Evaluate(ctx, a, known)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := best.Values["type_accuracy"]; ok || len(best.Values) != 2 || best.N != 12 {
		t.Errorf("got %v, want the scores of answers alone", best)
	}
	worse := 0
	for i := -10; i <= 10; i++ {
		threshold := 0.7 * float64(i)
		a, err := with(&threshold, nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := document.Evaluate(ctx, a, known)
		if err != nil {
			t.Fatal(err)
		}
		if s.Values["answers_f1"] > best.Values["answers_f1"]+1e-12 {
			t.Errorf("threshold %v: F1 %v, want at most the %v of %v", threshold, s.Values["answers_f1"], best.Values["answers_f1"], *chosen)
		}
		if s.Values["answers_f1"] < best.Values["answers_f1"] {
			worse++
		}
	}
	if worse == 0 {
		t.Error("all thresholds are as good: the test proves nothing")
	}
	if _, err := with(nil, []data.Document{{Text: "the cat"}}); !errors.Is(err, document.ErrSettings) {
		t.Errorf("nothing known: got %v, want %v", err, document.ErrSettings)
	}
	if _, err := document.Evaluate(ctx, a, []data.Document{{Text: "the cat"}}); !errors.Is(err, metrics.ErrEmpty) {
		t.Errorf("nothing known: got %v, want %v", err, metrics.ErrEmpty)
	}
}
