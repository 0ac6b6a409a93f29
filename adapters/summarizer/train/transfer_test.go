package train_test

import (
	"math"
	"testing"

	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/adapters/summarizer/train"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/transfer"
)

// TestTransfer compares tuning with the first sentence and TextRank, whose score is that of eval --baseline.
func TestTransfer(t *testing.T) {
	c := config()
	c.Grid = []finetune.Choice{{LR: 2e-3, Epochs: 6}}
	d := train.Data{Train: documents(120, 1), Eval: documents(40, 2)}
	r, err := train.Transfer().Compare(t.Context(), base(t), d, c, transfer.Options{
		Arms: []string{transfer.Baseline, transfer.Full}, Budgets: []int{100}, Seeds: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	p := r.Arm(transfer.Baseline).Points[0]
	want, err := summarizer.EvaluateBaseline(t.Context(), p.Choice, d.Eval, c.Options)
	if err != nil || math.Abs(p.Mean-want.Values["rouge1"]) > 1e-12 {
		t.Errorf("baseline %s: %v, want %v, %v", p.Choice, p.Mean, want.Values["rouge1"], err)
	}
	if full := r.Arm(transfer.Full).Points[0]; full.Mean < p.Mean+0.2 || full.Gains[0].Interval[0] <= 0 {
		t.Errorf("full %+v, want far more than the baseline's %.3f", full, p.Mean)
	}
	if v := r.Verdicts[0]; v.Says != "the base beats the baseline; scratch was not tried" {
		t.Errorf("verdict %+v", v)
	}
}
