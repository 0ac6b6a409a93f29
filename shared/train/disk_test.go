package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

var errDisk = errors.New("no space left on device")

// fullFS cannot make files while full says so.
type fullFS struct {
	quickFS
	full func(path string) bool
}

func (f fullFS) Create(path string) (checkpoint.SyncWriter, error) {
	if f.full(path) {
		return nil, errDisk
	}
	return f.quickFS.Create(path)
}

// TestFailedSaves: saves that fail are reported and counted, training goes on, and only the last one's failure is
// returned. The weights are those of a run without failures.
func TestFailedSaves(t *testing.T) {
	c := shortConfig()
	c.EvalEvery = 0
	plain := newRegression()
	mustRun(t, c, plain, Options{})
	for about, k := range map[string]struct {
		full   func(path string) bool
		failed int
		final  bool
	}{
		"for a while": {func(p string) bool { return strings.Contains(p, "-14.") || strings.Contains(p, "-21.") }, 2, false},
		"at the end":  {func(p string) bool { return strings.Contains(p, "-40.") }, 1, true},
		"always":      {func(string) bool { return true }, 6, true},
		"moments": {func(p string) bool {
			return strings.Contains(p, "-35.") && filepath.Base(p) == optimizerFile
		}, 1, false},
	} {
		dir := t.TempDir()
		r := newRegression()
		var log bytes.Buffer
		res, err := Run(context.Background(), c, r, Options{Dir: dir, FS: fullFS{quickFS{checkpoint.OS}, k.full}, Log: &log})
		if errors.Is(err, ErrSave) != k.final || k.final && !errors.Is(err, errDisk) || !k.final && err != nil {
			t.Errorf("%s: got %v", about, err)
		}
		if res.FailedSaves != k.failed || strings.Count(log.String(), "saving failed") != k.failed {
			t.Errorf("%s: %d saves failed, want %d, log:\n%s", about, res.FailedSaves, k.failed, log.String())
		}
		if r.digest() != plain.digest() || res.Steps != c.Steps {
			t.Errorf("%s: training did not go on as without failures", about)
		}
		checkpoints(t, dir) // no strays
	}
}

// rottenFS writes checkpoints of some steps with one bit changed.
type rottenFS struct {
	quickFS
	rotten func(path string) bool
}

func (f rottenFS) Create(path string) (checkpoint.SyncWriter, error) {
	w, err := f.quickFS.Create(path)
	if err != nil || !f.rotten(path) {
		return w, err
	}
	return rottenFile{w}, nil
}

type rottenFile struct{ checkpoint.SyncWriter }

func (f rottenFile) Write(b []byte) (int, error) {
	b = bytes.Clone(b)
	b[len(b)-1] ^= 1
	return f.SyncWriter.Write(b)
}

// TestRetention: the newest Keep and the best checkpoint stay; a checkpoint that cannot be read back is
// no reason to delete a good one.
func TestRetention(t *testing.T) {
	for _, keep := range []int{1, 2, 3} {
		c := shortConfig()
		c.EvalEvery, c.Keep = 8, keep
		r := newRegression()
		r.evalFrom = func(step int, loss float64) float64 { return max(float64(step), 16) - float64(min(step, 16)) } // best at 16
		dir := t.TempDir()
		mustRun(t, c, r, Options{Dir: dir, FS: quick()})
		want := append([]int{40, 35, 28}[:keep], 16)
		if got := checkpoints(t, dir); !cmp.Equal(got, want) {
			t.Errorf("keep %d: got %v, want %v", keep, got, want)
		}
	}
	c := shortConfig()
	c.EvalEvery, c.Keep = 0, 1
	dir := t.TempDir()
	rotten := func(p string) bool { return !strings.Contains(p, "-14.") && filepath.Base(p) == modelFile }
	res, err := Run(context.Background(), c, newRegression(), Options{Dir: dir, FS: rottenFS{quickFS{checkpoint.OS}, rotten}})
	if !errors.Is(err, ErrSave) || !errors.Is(err, ErrChecksum) || res.FailedSaves != 5 {
		t.Errorf("rotten disk: got %v, %d failed saves", err, res.FailedSaves)
	}
	if _, err := (&folder{fs: checkpoint.OS, dir: dir}).verify(14); err != nil {
		t.Errorf("the last good checkpoint is gone: %v", err)
	}
	whole, again := newRegression(), newRegression()
	mustRun(t, c, whole, Options{})
	mustRun(t, c, again, Options{Dir: dir, FS: quick(), Resume: true})
	if whole.digest() != again.digest() {
		t.Error("resumed from the last good checkpoint, the run ends elsewhere")
	}
	if got := checkpoints(t, dir); !cmp.Equal(got, []int{40}) {
		t.Errorf("got %v, want only the newest", got)
	}
}

// unscored is a task without an evaluation.
type unscored struct{ *regression }

func (unscored) Evaluate(context.Context) (map[string]float64, error) { return nil, nil }

// TestRetentionOfNothing: a checkpoint from before the first step is no best one, and goes like any other.
func TestRetentionOfNothing(t *testing.T) {
	c, dir := shortConfig(), t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, c, unscored{newRegression()}, Options{Dir: dir, FS: quick()}); !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	if got := checkpoints(t, dir); !cmp.Equal(got, []int{0}) {
		t.Fatalf("stopped at once: got %v, want [0]", got)
	}
	if _, err := Run(context.Background(), c, unscored{newRegression()}, Options{Dir: dir, FS: quick(), Resume: true}); err != nil {
		t.Fatal(err)
	}
	if got := checkpoints(t, dir); !cmp.Equal(got, []int{40, 35}) {
		t.Errorf("got %v, want [40 35]", got)
	}
}

// deadFS stops working after a number of changes, as for a process that is killed.
type deadFS struct {
	quickFS
	left *int
}

var errDead = errors.New("killed")

func (f deadFS) alive() error {
	if *f.left--; *f.left < 0 {
		return errDead
	}
	return nil
}

func (f deadFS) Mkdir(p string) error {
	return then(f.alive(), func() error { return f.quickFS.Mkdir(p) })
}

func (f deadFS) Remove(p string) error {
	return then(f.alive(), func() error { return f.quickFS.Remove(p) })
}

func (f deadFS) Rename(a, b string) error {
	return then(f.alive(), func() error { return f.quickFS.Rename(a, b) })
}

func (f deadFS) Exchange(a, b string) error {
	return then(f.alive(), func() error { return f.quickFS.Exchange(a, b) })
}

func then(err error, do func() error) error {
	if err != nil {
		return err
	}
	return do()
}

func (f deadFS) Create(p string) (checkpoint.SyncWriter, error) {
	if err := f.alive(); err != nil {
		return nil, err
	}
	w, err := f.quickFS.Create(p)
	return deadFile{w, f}, err
}

type deadFile struct {
	checkpoint.SyncWriter
	f deadFS
}

func (w deadFile) Write(b []byte) (int, error) {
	if err := w.f.alive(); err != nil {
		n, _ := w.SyncWriter.Write(b[:len(b)/2])
		return n, err
	}
	return w.SyncWriter.Write(b)
}

// TestDiesAnywhere stops all changes to the disk after every number of them, among them those between a save and
// the deletion of an old checkpoint: there is always a good checkpoint once the first was complete, and the resumed run
// ends in the same bits with nothing left over.
func TestDiesAnywhere(t *testing.T) {
	c := shortConfig()
	c.Steps, c.SaveEvery, c.EvalEvery, c.Keep = 12, 3, 4, 1
	whole := t.TempDir()
	mustRun(t, c, newRegression(), Options{Dir: whole, FS: quick()})
	want := outcomeOf(t, whole, c.Steps)
	had := false
	for n := 0; ; n++ {
		dir := t.TempDir()
		left := n
		_, err := Run(context.Background(), c, newRegression(), Options{Dir: dir, FS: deadFS{quickFS{checkpoint.OS}, &left}})
		if left >= 0 {
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d changes", n)
			break
		}
		f := &folder{fs: checkpoint.OS, dir: dir}
		steps, err := f.steps()
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range steps {
			if _, err := f.verify(step); err != nil {
				t.Fatalf("dead after %d changes: checkpoint-%d: %v", n, step, err)
			}
		}
		had = had || len(steps) > 0
		if had != (len(steps) > 0) {
			t.Fatalf("dead after %d changes: no checkpoint is left", n)
		}
		mustRun(t, c, newRegression(), Options{Dir: dir, FS: quick(), Resume: true})
		if d := cmp.Diff(want, outcomeOf(t, dir, c.Steps), cmp.AllowUnexported(outcome{})); d != "" {
			t.Fatalf("dead after %d changes: %s", n, d)
		}
		if got, want := fmt.Sprint(checkpoints(t, dir)), fmt.Sprint(checkpoints(t, whole)); got != want {
			t.Fatalf("dead after %d changes: checkpoints %s, want %s", n, got, want)
		}
	}
}
