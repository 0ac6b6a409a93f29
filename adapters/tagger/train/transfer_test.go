package train_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/fmkit/fmkit/adapters/tagger/baseline"
	"github.com/fmkit/fmkit/adapters/tagger/train"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/transfer"
)

// TestTransfer: the score of a report is the micro F1 of an evaluation, not a mean over sentences.
func TestTransfer(t *testing.T) {
	tagged := func(tags ...string) data.Tagged {
		tokens := make([]string, len(tags))
		for i := range tokens {
			tokens[i] = []string{"ana", "runs", "bern", "far"}[i%4]
		}
		return data.Tagged{Tokens: tokens, Tags: tags}
	}
	d := train.Data{
		Train: []data.Tagged{tagged("B-P", "O", "B-L", "O"), tagged("B-P", "O"), tagged("B-P", "O", "B-L"), tagged("O")},
		Eval:  []data.Tagged{tagged("B-P", "O", "B-L", "O"), tagged("B-P", "B-L"), tagged("O"), tagged("O", "O", "O", "O")},
	}
	r, err := train.Transfer().Compare(t.Context(), base(t), d, train.Defaults(), transfer.Options{Arms: []string{transfer.Baseline}, Budgets: []int{3}, Seeds: 1})
	if err != nil {
		t.Fatal(err)
	}
	at, err := transfer.Draw(d.Train, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	o := baseline.Options{Seed: 1}
	if _, err := fmt.Sscanf(r.Arms[0].Points[0].Choice, "%d epochs", &o.Epochs); err != nil {
		t.Fatal(err)
	}
	m, err := baseline.Fit(t.Context(), at, o)
	if err != nil {
		t.Fatal(err)
	}
	want, err := m.Evaluate(d.Eval)
	if err != nil || math.Abs(r.Arms[0].Points[0].Mean-want.Values["f1"]) > 1e-12 {
		t.Errorf("got %+v, want f1 %v, %v", r.Arms[0].Points[0], want.Values["f1"], err)
	}
}
