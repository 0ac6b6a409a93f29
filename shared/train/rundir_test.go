package train

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

func TestVacant(t *testing.T) {
	dir := t.TempDir()
	if err := Vacant(dir, false, "config.json"); err != nil {
		t.Errorf("an empty folder: got %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Vacant(dir, true, "config.json"); !errors.Is(err, checkpoint.ErrNotReplaceable) || !strings.Contains(err.Error(), "config.json") {
		t.Errorf("somebody's model: got %v, want %v that names it", err, checkpoint.ErrNotReplaceable)
	}
	mustRun(t, shortConfig(), newRegression(), Options{Dir: dir})
	if err := Vacant(dir, false, "config.json"); !errors.Is(err, ErrRunExists) {
		t.Errorf("a run: got %v, want %v", err, ErrRunExists)
	}
	if err := Vacant(dir, true, "config.json"); err != nil {
		t.Errorf("a run to resume: got %v", err)
	}
}

// TestCopyCheckpoint: a run that goes on from the copy ends with the same weights.
func TestCopyCheckpoint(t *testing.T) {
	c := shortConfig()
	c.SaveEvery, c.Keep, c.EvalEvery = c.Steps/4, 4, 0
	dir, to := t.TempDir(), t.TempDir()
	want := mustRun(t, c, newRegression(), Options{Dir: dir})
	step, err := CopyCheckpoint(dir, to, c.Steps-1)
	if err != nil || step != c.Steps/4*3 {
		t.Fatalf("got step %d, %v, want %d", step, err, c.Steps/4*3)
	}
	if entries, err := os.ReadDir(to); err != nil || len(entries) != 2 {
		t.Errorf("got %v, %v, want the checkpoint and the recipe", entries, err)
	}
	if got := mustRun(t, c, newRegression(), Options{Dir: to, Resume: true}); got.Digest != want.Digest {
		t.Errorf("from the copy: got %s, want %s", got.Digest, want.Digest)
	}
	if _, err := CopyCheckpoint(dir, t.TempDir(), 0); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("none so early: got %v, want an error that names the folder", err)
	}
}

// TestFitMinutes: a run that is resumed keeps the steps that it was begun with.
func TestFitMinutes(t *testing.T) {
	var now time.Time
	r := newRegression()
	r.onStep = func(int) { now = now.Add(2 * time.Second) }
	clock := func() time.Time { return now }
	c := shortConfig()
	c.Steps, c.Warmup = 100, 10
	dir := t.TempDir()
	first, err := FitMinutes(t.Context(), c, r, 10, Options{Dir: dir, Log: io.Discard, Now: clock})
	if err != nil || first.Steps < 200 || first.Steps > 300 || first.Warmup < first.Steps/10 || first.Warmup > first.Steps/10+1 {
		t.Fatalf("ten minutes of two seconds a step: got %d steps, %d of warm-up, %v", first.Steps, first.Warmup, err)
	}
	r.onStep = nil
	mustRun(t, first, r, Options{Dir: dir})
	again, err := FitMinutes(t.Context(), c, newRegression(), 1e6, Options{Dir: dir, Resume: true})
	if err != nil || again != first {
		t.Errorf("resumed: got %+v, %v, want %+v", again, err, first)
	}
	if err := os.WriteFile(filepath.Join(dir, recipeFile), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := FitMinutes(t.Context(), c, newRegression(), 1, Options{Dir: dir, Resume: true}); err == nil {
		t.Error("a damaged recipe: no error")
	}
}
