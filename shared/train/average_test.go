package train

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"testing"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

func averageConfig() Config {
	c := shortConfig()
	c.Average = 0.9
	return c
}

// TestAverage holds the weights at the end to the average of those after every step, in float64, and the run beneath it to one that has no average.
func TestAverage(t *testing.T) {
	c := averageConfig()
	plain := newRegression()
	var after [][]float64 // weights after each step
	record := func() {
		var all []float64
		for _, v := range append(append([]float32(nil), plain.w.Value...), plain.b.Value...) {
			all = append(all, float64(v))
		}
		after = append(after, all)
	}
	plain.onStep = func(step int) {
		if step > 0 {
			record()
		}
	}
	without := c
	without.Average = 0
	plainDir, dir := t.TempDir(), t.TempDir()
	mustRun(t, without, plain, Options{Dir: plainDir, FS: quick()})
	record()
	want := []float64{0.3, -0.2, 0.1, 0.05, 0} // newRegression's
	for i, weights := range after {
		decay := min(c.Average, float64(2+i)/float64(11+i))
		for j, w := range weights {
			want[j] = decay*want[j] + (1-decay)*w
		}
	}
	averaged := newRegression()
	res := mustRun(t, c, averaged, Options{Dir: dir, FS: quick()})
	for j, got := range append(append([]float32(nil), averaged.w.Value...), averaged.b.Value...) {
		if math.Abs(float64(got)-want[j]) > 1e-6*max(1, math.Abs(want[j])) {
			t.Errorf("weight %d: got %g, want %g", j, got, want[j])
		}
	}
	if loss := float64(averaged.forward(averaged.make(1<<30, 0), false)); res.Eval["loss"] != loss || res.Digest != averaged.digest() {
		t.Errorf("got an evaluation of %v and digest %s, want those of the averages: %g and %s", res.Eval, res.Digest, loss, averaged.digest())
	}
	a, b := outcomeOf(t, plainDir, c.Steps), outcomeOf(t, dir, c.Steps)
	if a.digest != b.digest || a.optimizer != b.optimizer || a.average != "" || b.average == "" {
		t.Errorf("got trained weights and moments %s, %s, want those without an average: %s, %s", b.digest, b.optimizer, a.digest, a.optimizer)
	}
}

// TestAverageResumed: a run that is forced to average from some step on begins there, and one that no longer does goes on without.
func TestAverageResumed(t *testing.T) {
	with, without := averageConfig(), shortConfig()
	for name, c := range map[string][2]Config{"begins": {without, with}, "ends": {with, without}} {
		dir := t.TempDir()
		first := newRegression()
		ctx, cancel := stopAt(first, 20)
		if _, err := Run(ctx, c[0], first, Options{Dir: dir, FS: quick()}); !errors.Is(err, ErrStopped) {
			t.Fatal(err)
		}
		cancel()
		second := newRegression()
		mustRun(t, c[1], second, Options{Dir: dir, FS: quick(), Resume: true, Force: true})
		trained, _, err := checkpoint.ReadFile(filepath.Join(dir, "checkpoint-40", modelFile))
		if err != nil {
			t.Fatal(err)
		}
		if same := checkpoint.Digest(trained) == second.digest(); same != (c[1].Average == 0) {
			t.Errorf("%s: the weights at the end are those that were trained: %t", name, same)
		}
	}
}

// TestAverageComplete: a complete run that is resumed leaves the averages again, with patience, whose best evaluation was the last one, and without.
func TestAverageComplete(t *testing.T) {
	for _, patience := range []int{0, 3} {
		c := averageConfig()
		c.Patience = patience
		dir := t.TempDir()
		first, second := newRegression(), newRegression()
		for _, r := range []*regression{first, second} {
			r.evalFrom = func(step int, _ float64) float64 { return 1 / float64(step+1) }
			if res := mustRun(t, c, r, Options{Dir: dir, FS: quick(), Resume: true}); res.BestStep != c.Steps {
				t.Errorf("patience %d: best at step %d, want the last one", patience, res.BestStep)
			}
		}
		if first.digest() != second.digest() {
			t.Errorf("patience %d: the second time other weights remain", patience)
		}
	}
}

// TestAverageGivesBack: the trained weights are back after an evaluation that fails or panics.
func TestAverageGivesBack(t *testing.T) {
	trained := func(c Config, fails string) string {
		r := newRegression()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		r.onStep = func(step int) {
			if step == 7 && fails == "stops" {
				cancel()
			}
		}
		r.evalFrom = func(int, float64) float64 { panic("evaluated") }
		run, err := start(c, r, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := run.loop(ctx); err == nil || run.st.Step != 8 {
			t.Fatalf("%s: got %v at step %d, want an error in the evaluation at step 8", fails, err, run.st.Step)
		}
		return r.digest()
	}
	c := averageConfig()
	want := trained(shortConfig(), "panics")
	for _, fails := range []string{"stops", "panics"} {
		if got := trained(c, fails); got != want {
			t.Errorf("an evaluation that %s leaves other weights than those that are trained", fails)
		}
	}
}
