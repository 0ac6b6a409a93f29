package train_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/adapters/inspector/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/adapter/adaptertest"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/vision/dataset"
)

// manifest writes parts as a data set.
func manifest(t *testing.T, n int) string {
	t.Helper()
	items := parts(t, n, 1)
	dir := filepath.Dir(items[0].Path)
	f, err := os.Create(filepath.Join(dir, "manifest.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range items {
		row := map[string]any{"path": filepath.Base(it.Path), "template": filepath.Base(it.Template), "label": it.Label, "group": it.Group, "boxes": it.Boxes}
		if err := json.NewEncoder(f).Encode(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestVerify: a detector, low-rank and with a threshold from folds, is trained again to the same bits by any number of workers; other pictures, another base, and a
// threshold that was changed by hand are told of.
func TestVerify(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	path, m, c := manifest(t, 8), base(t, 3, 1), config(true, 8)
	c.Method, c.Folds, c.FalseBoxes = adapter.LoRA, 2, 1
	d, err := train.ReadData(path, "", c)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "adapter")
	if _, _, err := train.Adapt(context.Background(), m, d, c, train.Options{Out: dir}); err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{1, 2, 5} {
		kernels.SetWorkers(workers)
		if v, err := train.Verify(context.Background(), dir, m, train.Options{}); err != nil || !v.Match || v.Steps != 8 {
			t.Errorf("%d workers: got %+v, %v", workers, v, err)
		}
	}
	if _, err := train.Verify(context.Background(), dir, base(t, 3, 2), train.Options{}); !errors.Is(err, adapter.ErrBaseMismatch) {
		t.Errorf("another base: got %v", err)
	}
	loaded, err := inspector.LoadDetector(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	set, err := dataset.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	left, err := train.Unseen(context.Background(), loaded, set.Items)
	if err != nil || len(left) != 2 || left[0].Group != left[1].Group { // one of four groups was held back
		t.Errorf("unseen: got %d pictures, %v, want one group", len(left), err)
	}
	s, err := train.Evaluate(context.Background(), loaded, left, 0.33)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"recall", "false_per_image", "mean_average_precision", "pixel_AUROC", "AUPRO"} {
		if v, ok := s.Values[name]; !ok || v < 0 || name != "false_per_image" && v > 1 {
			t.Errorf("%s: got %g, %v", name, v, ok)
		}
	}
	if s.N != 2 || s.Kinds["hole"].N != 2 || s.Kinds["blob"].N != 2 {
		t.Errorf("got %+v", s)
	}

	passport := filepath.Join(dir, "fmkit.json")
	was, err := os.ReadFile(passport)
	if err != nil {
		t.Fatal(err)
	}
	var p adapter.Passport
	if err := json.Unmarshal(was, &p); err != nil {
		t.Fatal(err)
	}
	var settings inspector.DetectorSettings
	if err := json.Unmarshal(p.Settings, &settings); err != nil {
		t.Fatal(err)
	}
	settings.Score += 0.01
	if p.Settings, err = json.Marshal(settings); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(passport, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := train.Verify(context.Background(), dir, m, train.Options{}); !errors.Is(err, adapter.ErrChanged) {
		t.Errorf("a threshold that was edited: got %v", err)
	}
	if err := adaptertest.Reseal(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := train.Verify(context.Background(), dir, m, train.Options{}); !errors.Is(err, adapter.ErrRecipe) {
		t.Errorf("a threshold of somebody else's: got %v", err)
	}
	if err := os.WriteFile(passport, was, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(set.Items[1].Path, set.Items[0].Path); err != nil {
		t.Fatal(err)
	}
	if _, err := train.Verify(context.Background(), dir, m, train.Options{}); err == nil {
		t.Error("other pictures: no error")
	}
}

// TestReadData: what is learnt from, of data with splits and of MVTec folders.
func TestReadData(t *testing.T) {
	c := config(true, 1)
	path := manifest(t, 8)
	for shots, want := range map[int]int{0: 8, 3: 3} {
		c.Shots = shots
		d, err := train.ReadData(path, path, c)
		if err != nil || len(d.Train) != want || len(d.Held) != 8 {
			t.Errorf("%d shots: got %d and %d pictures, %v, want %d and 8", shots, len(d.Train), len(d.Held), err, want)
		}
	}
	c.Shots = 9
	if _, err := train.ReadData(path, "", c); !errors.Is(err, data.ErrTooFewShots) {
		t.Errorf("too many shots: got %v", err)
	}
	m := mvtec(t)
	c = config(false, 1)
	c.Shots = 2
	d, err := train.ReadData(m, "", c)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, it := range d.Train {
		count[it.Split+"/"+it.Label]++
	}
	if count["train/good"] != 3 || count["test/hole"] != 2 || len(count) != 2 {
		t.Errorf("MVTec folders: got %v, want the good ones of train and 2 holes", count)
	}
}

// mvtec writes MVTec folders of 3 good pictures to train on, and of 2 good ones and 4 holes to test on.
func mvtec(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	items := parts(t, 9, 1)
	for i, it := range items {
		name := "test/hole"
		switch {
		case i < 3:
			name = "train/good"
		case i < 5:
			name = "test/good"
		}
		raw, err := os.ReadFile(it.Path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(root, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name, filepath.Base(it.Path)), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}
