package train_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/vision/dataset"
)

// TestTransfer compares on a task that TF-IDF solves: a word tells the class.
func TestTransfer(t *testing.T) {
	c := train.Transfer[data.Labelled]{Pool: examples(120, 1), Test: examples(60, 2), Config: train.Defaults(), Seeds: 2}
	c.Config.Shots, c.Config.Batch, c.Config.Grid = 8, 8, []finetune.Choice{{LR: 1e-3, Epochs: 1}, {LR: 2e-3, Epochs: 12}}
	r, err := train.TransferTexts(context.Background(), c, base(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Arms) != 3 || r.Train != 24 || r.Test != 60 {
		t.Fatalf("report %+v", r)
	}
	for _, a := range r.Arms {
		if len(a.Accuracy) != 2 || a.Mean < a.Interval[0] || a.Mean > a.Interval[1] || a.Choice == "" {
			t.Errorf("arm %+v", a)
		}
	}
	if a := r.Arms[2]; a.Mean < 0.8 {
		t.Errorf("TF-IDF is right in %v, want more than 0.8", a.Mean)
	}
	if !strings.HasPrefix(r.Arms[1].Choice, "rate 0.002, 12 epochs") { // whatever its head starts from
		t.Errorf("scratch chose %q, want the longer training", r.Arms[1].Choice)
	}
	var out strings.Builder
	if err := r.WriteText(&out); err != nil || !strings.Contains(out.String(), r.Gain.Verdict()) {
		t.Errorf("%v\n%s", err, out.String())
	}
	c.Seeds = 0
	if _, err := train.TransferTexts(context.Background(), c, base(t)); !errors.Is(err, finetune.ErrConfig) {
		t.Errorf("no seeds: got %v, want ErrConfig", err)
	}
}

// TestTransferPictures compares on stripes, which HOG tells apart.
func TestTransferPictures(t *testing.T) {
	if testing.Short() {
		t.Skip("many small trainings")
	}
	path := striped(t, 16)
	c := train.Transfer[dataset.Item]{Config: train.PictureDefaults(), Seeds: 2}
	c.Config.Shots, c.Config.Batch, c.Config.Grid = 8, 8, []finetune.Choice{{LR: 1e-6, Epochs: 1}, {LR: 2e-3, Epochs: 15}}
	d, err := train.ReadPictures(path, path, c.Config)
	if err != nil {
		t.Fatal(err)
	}
	c.Pool, c.Test = d.Train, d.Eval
	r, err := train.TransferPictures(context.Background(), c, visionBase(t, 3))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Arms) != 3 || r.Train != 24 || r.Test != 36 || r.Arms[2].Name != "HOG + linear SVM" {
		t.Fatalf("report %+v", r)
	}
	if a := r.Arms[2]; a.Mean < 0.9 {
		t.Errorf("HOG is right in %v, want more than 0.9", a.Mean)
	}
	if !strings.HasPrefix(r.Arms[1].Choice, "rate 0.002, 15 epochs") { // whatever its head starts from
		t.Errorf("scratch chose %q, want the longer training", r.Arms[1].Choice)
	}
}

// TestTransferHeads: random weights, whose vectors are much alike, may leave a logistic start, and where there is none the choice has no word of it.
func TestTransferHeads(t *testing.T) {
	if testing.Short() {
		t.Skip("many small trainings")
	}
	c := train.Transfer[data.Labelled]{Pool: examples(120, 1), Test: examples(60, 2), Config: train.Defaults(), Seeds: 1}
	c.Config.Shots, c.Config.Batch, c.Config.Grid = 8, 8, []finetune.Choice{{LR: 2e-3, Epochs: 12}}
	for logistic, want := range map[float64]bool{1e6: true, 0: false} {
		c.Config.Logistic, c.Config.Normalize = logistic, logistic > 0
		r, err := train.TransferTexts(context.Background(), c, base(t))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.HasSuffix(r.Arms[1].Choice, "random head"); got != want {
			t.Errorf("logistic %g: scratch chose %q", logistic, r.Arms[1].Choice)
		}
	}
}

func TestVerdict(t *testing.T) {
	for want, g := range map[string]train.Gain{
		"pretraining pays here":                      {Interval: [2]float64{0.01, 0.1}},
		"pretraining hurts here":                     {Interval: [2]float64{-0.1, -0.01}},
		"no difference that these examples can show": {Interval: [2]float64{-0.1, 0.1}},
	} {
		if got := g.Verdict(); got != want {
			t.Errorf("%v: %q, want %q", g.Interval, got, want)
		}
	}
}
