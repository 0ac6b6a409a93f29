package train_test

import (
	"testing"

	"github.com/fmkit/fmkit/adapters/qa/train"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/transfer"
)

// TestTransfer compares tuning with the sliding window, on questions of which some have no answer.
func TestTransfer(t *testing.T) {
	c := config()
	c.Grid = []finetune.Choice{{LR: 3e-3, Epochs: 25}}
	d := train.Data{Train: questions(300, 1, true), Eval: questions(40, 2, true)}
	r, err := train.Transfer().Compare(t.Context(), base(t), d, c, transfer.Options{
		Arms: []string{transfer.Baseline, transfer.Full}, Budgets: []int{20, transfer.All}, Seeds: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	full := r.Arm(transfer.Full)
	if r.Unit != "examples" || full.Points[0].Train != 20 || full.Points[1].Train != 300 || full.Params == 0 || full.Bytes < int64(4*full.Params) {
		t.Errorf("report %+v", full)
	}
	if got := full.Points[1].Mean; got < 0.4 {
		t.Errorf("f1 %.3f of all, want what tuning learns", got)
	}
	p := r.Arm(transfer.Baseline).Points[1]
	if p.Mean <= 0 || p.Mean > 1 || p.Choice == "" {
		t.Errorf("baseline %+v", p)
	}
}
