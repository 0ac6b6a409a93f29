package rerun_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/rerun"
	"github.com/fmkit/fmkit/shared/train"
)

type recipe struct {
	Task   string `json:"task"`
	Config struct {
		Train train.Config `json:"train"`
	} `json:"config"`
}

func write(t *testing.T, dir, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "recipe.json"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	for content, text := range map[string]string{
		`{"recipe": {"task": "cooking"}}`:             `task: got "cooking", want "walking"`,
		`{"recipe": {"task": "walking", "shoes": 2}}`: "shoes",
		`{"recipe": `: "recipe.json",
	} {
		write(t, dir, content)
		if _, err := rerun.Read[recipe](dir, "walking"); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: got %v, want %q", content, err, text)
		}
	}
	if _, err := rerun.Read[recipe](t.TempDir(), "walking"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty folder: got %v", err)
	}
}

// TestVerify: what decides nothing isn't done again, the digest is compared with that of the weights in the folder, and a recipe at odds with itself is refused.
func TestVerify(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, `{"train": {"steps": 7, "save_every": 2, "eval_every": 3}, "recipe": {"task": "walking", "config": {"train": {"steps": 7, "save_every": 2, "eval_every": 3}}}}`)
	tensors := []checkpoint.Tensor{{Name: "w", Shape: []int{2}, Data: []float32{1, 2}}}
	var file bytes.Buffer
	if err := checkpoint.Write(&file, tensors, nil); err != nil {
		t.Fatal(err)
	}
	if err := checkpoint.WriteFile(filepath.Join(dir, "model.safetensors"), file.Bytes()); err != nil {
		t.Fatal(err)
	}
	r, err := rerun.Read[recipe](dir, "walking")
	if err != nil {
		t.Fatal(err)
	}
	loop, temp := r.Recipe.Config.Train, ""
	v, err := r.Verify(loop, rerun.Options{}, func(p rerun.Part) (string, int, error) {
		if p.Train.Steps != 7 || p.Train.SaveEvery != 0 || p.Train.EvalEvery != 0 || p.Out != "" || p.Resume {
			t.Errorf("got %+v", p)
		}
		temp = p.Temp
		return checkpoint.Digest(tensors), 7, nil
	})
	if err != nil || !v.Match || v.Steps != 7 {
		t.Errorf("got %+v, %v", v, err)
	}
	if _, err := os.Stat(temp); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder for files is still there: %v", err)
	}
	if v, err := r.Verify(loop, rerun.Options{}, func(rerun.Part) (string, int, error) { return "other", 7, nil }); err != nil || v.Match {
		t.Errorf("other weights: got %+v, %v", v, err)
	}
	loop.Steps = 8
	if _, err := r.Verify(loop, rerun.Options{}, nil); !errors.Is(err, adapter.ErrRecipe) {
		t.Errorf("a recipe at odds with itself: got %v", err)
	}
}
