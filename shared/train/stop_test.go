package train

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// TestEarlyStopping: the run ends after Patience evaluations without a better one, and the best weights come back, in
// one process, over a resume at any evaluation, and with no folder.
func TestEarlyStopping(t *testing.T) {
	c := shortConfig()
	c.EvalEvery, c.Patience, c.SaveEvery = 4, 3, 4
	task := func() *regression {
		r := newRegression()
		r.evalFrom = func(step int, loss float64) float64 { return max(float64(step), 12) - float64(min(step, 12)) } // best at 12
		return r
	}
	best := newRegression()
	short := c
	short.Patience, short.EvalEvery = 0, 0
	ctx, cancel := stopAt(best, 11)
	if _, err := Run(ctx, short, best, Options{}); !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	cancel()

	inMemory := task()
	res := mustRun(t, c, inMemory, Options{})
	if res.Steps != 24 || res.BestStep != 12 || !res.EarlyStop || res.Eval["loss"] != 0 {
		t.Fatalf("got %+v, want to stop at 24 with the best at 12", res)
	}
	if inMemory.digest() != best.digest() || res.Digest != best.digest() {
		t.Error("in memory: weights are not those of step 12")
	}
	for _, stop := range []int{2, 9, 12, 14, 17, 22} {
		dir := t.TempDir()
		first := task()
		ctx, cancel := stopAt(first, stop)
		if _, err := Run(ctx, c, first, Options{Dir: dir, FS: quick()}); !errors.Is(err, ErrStopped) {
			t.Fatal(err)
		}
		cancel()
		for range 2 { // the second time there is nothing left to do
			second := task()
			res := mustRun(t, c, second, Options{Dir: dir, FS: quick(), Resume: true})
			if res.Steps != 24 || res.BestStep != 12 || !res.EarlyStop || second.digest() != best.digest() {
				t.Fatalf("stopped in %d: got %+v", stop, res)
			}
		}
	}
}

func TestPatienceNeedsMonitor(t *testing.T) {
	c := shortConfig()
	c.Patience, c.Monitor = 1, "f1"
	if _, err := Run(context.Background(), c, newRegression(), Options{}); !errors.Is(err, ErrConfig) {
		t.Errorf("got %v, want %v", err, ErrConfig)
	}
}

func TestBetter(t *testing.T) {
	for metric, smaller := range map[string]bool{"loss": true, "eval_loss": true, "perplexity": true, "accuracy": false, "f1": false} {
		if better(metric, 1, 2) != smaller || better(metric, 2, 1) == smaller || better(metric, 1, 1) {
			t.Errorf("%s: smaller is better should be %v", metric, smaller)
		}
	}
}

// TestStoppedInEvaluation: the evaluation that was cut short is done when the run resumes.
func TestStoppedInEvaluation(t *testing.T) {
	c := shortConfig()
	whole := t.TempDir()
	mustRun(t, c, newRegression(), Options{Dir: whole, FS: quick()})
	dir := t.TempDir()
	first := newRegression()
	ctx, cancel := context.WithCancel(context.Background())
	first.onStep = func(step int) {
		if step == 15 { // the step before an evaluation: Evaluate sees the cancelled context
			cancel()
		}
	}
	if _, err := Run(ctx, c, first, Options{Dir: dir, FS: quick()}); !errors.Is(err, ErrStopped) {
		t.Fatalf("got %v, want %v", err, ErrStopped)
	}
	if got := outcomeOf(t, dir, 16); got.state.Evaluated != 8 {
		t.Fatalf("evaluated at %d, want 8", got.state.Evaluated)
	}
	mustRun(t, c, newRegression(), Options{Dir: dir, FS: quick(), Resume: true})
	if d := cmp.Diff(outcomeOf(t, whole, 40), outcomeOf(t, dir, 40), cmp.AllowUnexported(outcome{})); d != "" {
		t.Error(d)
	}
}

// failing is a task that fails in one of its methods.
type failing struct {
	*regression
	batch, step, eval error
}

func (f failing) Batch(step, micro int) (points, error) {
	if step == 10 && f.batch != nil {
		return points{}, f.batch
	}
	return f.regression.Batch(step, micro)
}

func (f failing) Step(p points) (float64, error) {
	if p.step == 10 && f.step != nil {
		return 0, f.step
	}
	return f.regression.Step(p)
}

func (f failing) Evaluate(ctx context.Context) (map[string]float64, error) {
	if f.eval != nil {
		return nil, f.eval
	}
	return f.regression.Evaluate(ctx)
}

// TestTaskErrors: an error of the task ends the run with that error, the lock is free again, and no goroutine stays.
func TestTaskErrors(t *testing.T) {
	defer goleak.VerifyNone(t)
	broken := errors.New("broken")
	for about, f := range map[string]failing{
		"batch": {newRegression(), broken, nil, nil},
		"step":  {newRegression(), nil, broken, nil},
		"eval":  {newRegression(), nil, nil, broken},
	} {
		dir := t.TempDir()
		if _, err := Run(context.Background(), shortConfig(), f, Options{Dir: dir, FS: quick()}); !errors.Is(err, broken) {
			t.Errorf("%s: got %v, want %v", about, err, broken)
		}
		l, err := checkpoint.LockFile(filepath.Join(dir, lockFile))
		if err != nil {
			t.Errorf("%s: %v", about, err)
			continue
		}
		l.Unlock()
	}
}

// panicking fails to make a batch.
type panicking struct{ *regression }

func (p panicking) Batch(step, micro int) (points, error) {
	if step == 3 {
		panic("no such file")
	}
	return p.regression.Batch(step, micro)
}

// TestBatchPanics: a panic in the goroutine that makes batches is an error of the run, not the end of the process.
func TestBatchPanics(t *testing.T) {
	defer goleak.VerifyNone(t)
	_, err := Run(context.Background(), shortConfig(), panicking{newRegression()}, Options{})
	if err == nil || !strings.Contains(err.Error(), "step 4: batch: panic: no such file") {
		t.Errorf("got %v, want the panic as an error", err)
	}
}

// TestTaskPanics: a panic of the task is an error of the run, and the folder is free again.
func TestTaskPanics(t *testing.T) {
	defer goleak.VerifyNone(t)
	step, eval := newRegression(), newRegression()
	step.onStep = func(step int) {
		if step == 9 {
			panic("broken")
		}
	}
	eval.evalFrom = func(int, float64) float64 { panic("broken") }
	for about, r := range map[string]*regression{"step": step, "eval": eval} {
		dir := t.TempDir()
		if _, err := Run(context.Background(), shortConfig(), r, Options{Dir: dir, FS: quick()}); err == nil || !strings.Contains(err.Error(), "panic: broken") {
			t.Errorf("%s: got %v, want the panic as an error", about, err)
		}
		mustRun(t, shortConfig(), newRegression(), Options{Dir: dir, FS: quick(), Resume: true})
	}
}

// counting counts the batches that exist at once.
type counting struct {
	*regression
	made atomic.Int64
	used int64
	most int64
}

func (c *counting) Batch(step, micro int) (points, error) {
	c.made.Add(1)
	return c.regression.Batch(step, micro)
}

func (c *counting) Step(p points) (float64, error) {
	c.most = max(c.most, c.made.Load()-c.used)
	c.used++
	return c.regression.Step(p)
}

// TestPrefetch: batches come in order and at most one is ahead of the one being worked on, and all goroutines end.
func TestPrefetch(t *testing.T) {
	defer goleak.VerifyNone(t)
	task := &counting{regression: newRegression()}
	c := shortConfig()
	c.Accumulate = 2
	at := 0
	task.onStep = func(step int) {
		if step != at/2 {
			t.Errorf("micro-batch %d is of step %d", at, step)
		}
		at++
	}
	if _, err := Run(context.Background(), c, task, Options{}); err != nil {
		t.Fatal(err)
	}
	if task.most > 2 || at != 2*c.Steps {
		t.Errorf("%d batches at once, %d worked on", task.most, at)
	}
}

func TestBadParams(t *testing.T) {
	frozen := newRegression()
	frozen.w.Frozen, frozen.b.Frozen = true, true
	twice := newRegression()
	twice.b.Name = "w"
	for about, r := range map[string]*regression{"frozen": frozen, "twice": twice} {
		if _, err := Run(context.Background(), shortConfig(), r, Options{}); err == nil {
			t.Errorf("%s: accepted", about)
		}
	}
}

// TestUnwritable: a run folder that cannot be made is an error before any step.
func TestUnwritable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	r := newRegression()
	_, err := Run(context.Background(), shortConfig(), r, Options{Dir: filepath.Join(file, "run")})
	if err == nil || r.steps > 0 {
		t.Errorf("got %v after %d steps", err, r.steps)
	}
}

// TestNoFolder: without Dir nothing is written and the result is the same.
func TestNoFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	a, b := newRegression(), newRegression()
	var log bytes.Buffer
	mustRun(t, shortConfig(), a, Options{Log: &log})
	mustRun(t, shortConfig(), b, Options{Dir: t.TempDir(), FS: quick()})
	if a.digest() != b.digest() {
		t.Error("a run folder changes the weights")
	}
	if names, err := os.ReadDir("."); err != nil || len(names) > 0 {
		t.Errorf("wrote %v, %v", names, err)
	}
}
