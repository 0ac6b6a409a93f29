package train

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// bestAt12 is a task whose evaluation is best at step 12. It panics in step dies, as if the process died: nothing is saved.
func bestAt12(dies int) *regression {
	r := newRegression()
	r.evalFrom = func(step int, loss float64) float64 { return max(float64(step), 12) - float64(min(step, 12)) }
	r.onStep = func(step int) {
		if step == dies {
			panic("killed")
		}
	}
	return r
}

func patientConfig(saveEvery, keep int) Config {
	c := shortConfig()
	c.EvalEvery, c.Patience, c.SaveEvery, c.Keep = 4, 3, saveEvery, keep
	return c
}

// runTo runs until the process dies in step dies.
func runTo(t *testing.T, c Config, dies int, o Options) {
	t.Helper()
	if _, err := Run(context.Background(), c, bestAt12(dies), o); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("got %v, want to die in step %d", err, dies)
	}
}

// TestBestNotSaved: the save of the best evaluation fails, and later the process dies, once or twice. The run ends in the bits of one that went well.
func TestBestNotSaved(t *testing.T) {
	full := fullFS{quickFS{checkpoint.OS}, func(p string) bool { return strings.Contains(p, "-12.") }}
	for _, saveEvery := range []int{0, 1, 4, 7} {
		c := patientConfig(saveEvery, 2)
		c.Average = float64(saveEvery%2) / 2 // two of them have one
		whole := t.TempDir()
		best := bestAt12(-1)
		want := mustRun(t, c, best, Options{Dir: whole, FS: quick()})
		for _, dies := range []int{12, 13, 15, 16, 20, 23} {
			for _, again := range []int{-1, 23} {
				dir := t.TempDir()
				runTo(t, c, dies, Options{Dir: dir, FS: full})
				if again >= 0 {
					runTo(t, c, again, Options{Dir: dir, FS: quick(), Resume: true})
				}
				for range 2 { // the second time there is nothing left to do
					task := bestAt12(-1)
					res, err := Run(context.Background(), c, task, Options{Dir: dir, FS: quick(), Resume: true})
					if err != nil {
						t.Fatalf("saved every %d, died in %d and %d: %v", saveEvery, dies, again, err)
					}
					if res.Steps != 24 || res.BestStep != 12 || res.Digest != want.Digest || task.digest() != best.digest() {
						t.Fatalf("saved every %d, died in %d and %d: got %+v, want %+v", saveEvery, dies, again, res, want)
					}
				}
				if d := cmp.Diff(outcomeOf(t, whole, 24), outcomeOf(t, dir, 24), cmp.AllowUnexported(outcome{})); d != "" {
					t.Fatalf("saved every %d, died in %d and %d: %s", saveEvery, dies, again, d)
				}
			}
		}
	}
}

// TestBestLost: the disk has lost the checkpoint of the best evaluation. The run goes on from one before it to the same bits, or, where there is none, with
// the best forgotten; it never ends with an error.
func TestBestLost(t *testing.T) {
	remove := func(dir string) error { return os.RemoveAll(filepath.Join(dir, "checkpoint-12")) }
	damage := func(dir string) error { return flip(filepath.Join(dir, "checkpoint-12", modelFile)) }
	tests := []struct {
		about           string
		saveEvery, keep int
		dies            int
		lose            func(dir string) error
		from            string // in the log
		steps, best     int
		same            bool // ends in the bits of a run that went well
		forgotten       bool
	}{
		{about: "removed, one before", saveEvery: 7, keep: 4, dies: 15, lose: remove, from: "from step 8", steps: 24, best: 12, same: true},
		{about: "damaged, one before", saveEvery: 7, keep: 4, dies: 15, lose: damage, from: "from step 8", steps: 24, best: 12, same: true},
		{about: "removed, none before, between evaluations", saveEvery: 7, keep: 2, dies: 15, lose: remove, from: "from step 14", steps: 28, best: 16, forgotten: true},
		{about: "removed, none before, at an evaluation", saveEvery: 4, keep: 2, dies: 17, lose: remove, from: "from step 16", steps: 28, best: 16, forgotten: true},
		{about: "damaged, none before, at an evaluation", saveEvery: 4, keep: 2, dies: 17, lose: damage, from: "from step 16", steps: 28, best: 16, forgotten: true},
		{about: "removed after the end", saveEvery: 4, keep: 2, dies: -1, lose: remove, from: "from step 24", steps: 36, best: 24, forgotten: true},
	}
	for _, tt := range tests {
		c := patientConfig(tt.saveEvery, tt.keep)
		if tt.keep == 4 {
			c.Average = 0.9
		}
		whole := mustRun(t, c, bestAt12(-1), Options{})
		dir := t.TempDir()
		if tt.dies >= 0 {
			runTo(t, c, tt.dies, Options{Dir: dir, FS: quick()})
		} else {
			mustRun(t, c, bestAt12(-1), Options{Dir: dir, FS: quick()})
		}
		if err := tt.lose(dir); err != nil {
			t.Fatal(err)
		}
		var first Result
		for i := range 2 { // the second time there is nothing left to do
			var log bytes.Buffer
			res, err := Run(context.Background(), c, bestAt12(-1), Options{Dir: dir, FS: quick(), Resume: true, Log: &log})
			if err != nil {
				t.Fatalf("%s: %v", tt.about, err)
			}
			if res.Steps != tt.steps || res.BestStep != tt.best || (res.Digest == whole.Digest) != tt.same || i > 0 && res.Digest != first.Digest {
				t.Errorf("%s: got %+v", tt.about, res)
			}
			if i == 0 && (!strings.Contains(log.String(), tt.from) || strings.Contains(log.String(), "forgotten") != tt.forgotten) {
				t.Errorf("%s: log\n%s", tt.about, log.String())
			}
			if i == 1 && strings.Contains(log.String(), "lacks") {
				t.Errorf("%s: the second time the log says\n%s", tt.about, log.String())
			}
			first = res
		}
		checkpoints(t, dir) // no strays
	}
}

// TestBestForgottenKeeps: the checkpoint that a run goes on from with the best forgotten is kept as any other.
func TestBestForgottenKeeps(t *testing.T) {
	c := patientConfig(7, 2)
	dir := t.TempDir()
	runTo(t, c, 15, Options{Dir: dir, FS: quick()})
	if err := os.RemoveAll(filepath.Join(dir, "checkpoint-12")); err != nil {
		t.Fatal(err)
	}
	runTo(t, c, 17, Options{Dir: dir, FS: quick(), Resume: true})
	if got := checkpoints(t, dir); !cmp.Equal(got, []int{16, 14}) {
		t.Errorf("got checkpoints %v, want 16 and 14", got)
	}
}

// TestBestFileDamaged: a damaged copy of the best weights makes its checkpoint a damaged one; the run goes on from the one before, and both
// checkpoints are written again.
func TestBestFileDamaged(t *testing.T) {
	c := patientConfig(7, 4)
	full := fullFS{quickFS{checkpoint.OS}, func(p string) bool { return strings.Contains(p, "-12.") }}
	dir := t.TempDir()
	runTo(t, c, 15, Options{Dir: dir, FS: full})
	path := filepath.Join(dir, "checkpoint-14")
	if err := flip(filepath.Join(path, bestFile)); err != nil {
		t.Fatal(err)
	}
	runTo(t, c, 15, Options{Dir: dir, FS: quick(), Resume: true})
	if _, err := os.Stat(filepath.Join(path, bestFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s of the damaged checkpoint: got %v, want it gone", bestFile, err)
	}
	if got := checkpoints(t, dir); !cmp.Equal(got, []int{14, 12, 8, 7}) {
		t.Errorf("got checkpoints %v", got)
	}
}
