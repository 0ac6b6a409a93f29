package train_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/transfer"
)

// three are the arms of most tests, which are about the least.
var three = []string{transfer.Full, transfer.Scratch, transfer.Baseline}

// TestTransfer compares on a task that TF-IDF solves: a word tells the class.
func TestTransfer(t *testing.T) {
	c, d := train.Defaults(), train.Data{Train: examples(120, 1), Eval: examples(60, 2)}
	c.Batch, c.Grid = 8, []finetune.Choice{{LR: 1e-3, Epochs: 1}, {LR: 2e-3, Epochs: 12}}
	o := transfer.Options{Arms: three, Budgets: []int{8}, Seeds: 2}
	r, err := train.TransferTexts().Compare(context.Background(), base(t), d, c, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Arms) != 3 || r.Pool != 120 || r.Test != 60 || r.Unit != "examples a class" {
		t.Fatalf("report %+v", r)
	}
	for _, a := range r.Arms {
		if p := a.Points[0]; len(p.Scores) != 2 || p.Train != 24 || p.Mean < p.Interval[0] || p.Mean > p.Interval[1] || p.Choice == "" || a.Latency == nil {
			t.Errorf("arm %+v", a)
		}
	}
	if p := r.Arm(transfer.Baseline).Points[0]; p.Mean < 0.8 {
		t.Errorf("TF-IDF is right in %v, want more than 0.8", p.Mean)
	}
	if p := r.Arm(transfer.Scratch).Points[0]; !strings.HasPrefix(p.Choice, "rate 0.002, 12 epochs") { // whatever its head starts from
		t.Errorf("scratch chose %q, want the longer training", p.Choice)
	}
	o.Seeds = 0
	if _, err := train.TransferTexts().Compare(context.Background(), base(t), d, c, o); !errors.Is(err, finetune.ErrConfig) {
		t.Errorf("no seeds: got %v, want ErrConfig", err)
	}
}

// TestTransferPictures compares on stripes, which HOG tells apart.
func TestTransferPictures(t *testing.T) {
	if testing.Short() {
		t.Skip("many small trainings")
	}
	path, c := striped(t, 16), train.PictureDefaults()
	c.Batch, c.Grid = 8, []finetune.Choice{{LR: 1e-6, Epochs: 1}, {LR: 2e-3, Epochs: 15}}
	d, err := train.ReadPictures(path, path, c)
	if err != nil {
		t.Fatal(err)
	}
	r, err := train.TransferPictures().Compare(context.Background(), visionBase(t, 3), d, c, transfer.Options{Arms: three, Budgets: []int{8}, Seeds: 2})
	if err != nil {
		t.Fatal(err)
	}
	cheap := r.Arm(transfer.Baseline)
	if len(r.Arms) != 3 || cheap.Points[0].Train != 24 || r.Test != 36 || cheap.About != "HOG + linear SVM" {
		t.Fatalf("report %+v", r)
	}
	if p := cheap.Points[0]; p.Mean < 0.9 {
		t.Errorf("HOG is right in %v, want more than 0.9", p.Mean)
	}
	if p := r.Arm(transfer.Scratch).Points[0]; !strings.HasPrefix(p.Choice, "rate 0.002, 15 epochs") { // whatever its head starts from
		t.Errorf("scratch chose %q, want the longer training", p.Choice)
	}
}

// TestTransferHeads: random weights, whose vectors are much alike, may leave a logistic start, and where there is none the choice has no word of it.
func TestTransferHeads(t *testing.T) {
	if testing.Short() {
		t.Skip("many small trainings")
	}
	d := train.Data{Train: examples(120, 1), Eval: examples(60, 2)}
	for logistic, want := range map[float64]bool{1e6: true, 0: false} {
		c := train.Defaults()
		c.Batch, c.Grid = 8, []finetune.Choice{{LR: 2e-3, Epochs: 12}}
		c.Logistic, c.Normalize = logistic, logistic > 0
		r, err := train.TransferTexts().Compare(context.Background(), base(t), d, c, transfer.Options{Arms: []string{transfer.Scratch}, Budgets: []int{8}, Seeds: 1})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.HasSuffix(r.Arms[0].Points[0].Choice, "random head"); got != want {
			t.Errorf("logistic %g: scratch chose %q", logistic, r.Arms[0].Points[0].Choice)
		}
	}
}
