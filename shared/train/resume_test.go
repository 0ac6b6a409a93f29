package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// stopAt cancels a run while it works on step.
func stopAt(r *regression, step int) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	r.onStep = func(s int) {
		if s == step {
			cancel()
		}
	}
	return ctx, cancel
}

// TestResume stops a run at 25 random steps and resumes it in a fresh process's place: weights,
// optimizer, counters and metrics end equal to the bit with those of the run that was not stopped.
func TestResume(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for _, accumulate := range []int{1, 3} {
		c := shortConfig()
		c.Accumulate, c.Average = accumulate, 0.3*float64(accumulate-1) // one with an average and Muon, one without
		if accumulate > 1 {
			c.Optimizer = Muon
		}
		whole := t.TempDir()
		task := newRegression()
		res := mustRun(t, c, task, Options{Dir: whole, FS: quick()})
		want := outcomeOf(t, whole, c.Steps)
		for range 25 {
			step := r.IntN(c.Steps - 1)
			dir := t.TempDir()
			first := newRegression()
			ctx, cancel := stopAt(first, step)
			part, err := Run(ctx, c, first, Options{Dir: dir, FS: quick()})
			cancel()
			if !errors.Is(err, ErrStopped) {
				t.Fatalf("stopped in step %d: got %v, want %v", step, err, ErrStopped)
			}
			done := step + 1
			if accumulate > 1 {
				done = step // it gave up after one micro-batch
			}
			if part.Steps != done || first.steps != step*accumulate+1 {
				t.Fatalf("stopped in step %d: got %d steps done and %d micro-batches", step, part.Steps, first.steps)
			}
			second := newRegression()
			second.w.Value[0] = 99 // the checkpoint decides
			again := mustRun(t, c, second, Options{Dir: dir, FS: quick(), Resume: true})
			if second.steps != (c.Steps-done)*accumulate {
				t.Fatalf("resumed at %d: %d micro-batches, want %d", step, second.steps, (c.Steps-done)*accumulate)
			}
			got := outcomeOf(t, dir, c.Steps)
			if d := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); d != "" {
				t.Fatalf("resumed at %d: %s", step, d)
			}
			if d := cmp.Diff(res, again, cmpopts.IgnoreFields(Result{}, "Seconds", "PerSecond")); d != "" {
				t.Fatalf("resumed at %d: %s", step, d)
			}
		}
	}
}

// TestResumeNeedsEverything: the comparison of TestResume notices when any one piece of the state is not restored.
func TestResumeNeedsEverything(t *testing.T) {
	c := averageConfig()
	whole := t.TempDir()
	mustRun(t, c, newRegression(), Options{Dir: whole, FS: quick()})
	want := outcomeOf(t, whole, c.Steps)
	dir := t.TempDir()
	first := newRegression()
	ctx, cancel := stopAt(first, 20)
	defer cancel()
	if _, err := Run(ctx, c, first, Options{Dir: dir, FS: quick()}); !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	for about, lose := range map[string]func(r *run[points]){
		"nothing":      nil,
		"weights":      func(r *run[points]) { r.params[0].Value[1] = 0 },
		"first moment": func(r *run[points]) { r.opt.Moments()[0].Values[0] = 0 },
		"second":       func(r *run[points]) { r.opt.Moments()[3].Values[0] *= 2 },
		"average":      func(r *run[points]) { r.average.values[0][0] = 0 },
		"updates":      func(r *run[points]) { r.opt.SetT(0) },
		"step":         func(r *run[points]) { r.st.Step-- },
		"loss average": func(r *run[points]) { r.st.Loss = 0 },
		"best":         func(r *run[points]) { r.st.Best = -1 },
	} {
		copied := filepath.Join(t.TempDir(), "run")
		if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		r, err := start(c, newRegression(), Options{Dir: copied, FS: quick(), Resume: true})
		if err != nil {
			t.Fatal(err)
		}
		if lose != nil {
			lose(r)
		}
		if _, err := r.finish(r.loop(context.Background())); err != nil {
			t.Fatal(err)
		}
		same := cmp.Equal(want, outcomeOf(t, copied, c.Steps), cmp.AllowUnexported(outcome{}))
		if same != (lose == nil) {
			t.Errorf("losing %s: equal is %v", about, same)
		}
	}
}

// TestResumeComplete: resuming a run that is complete trains nothing and gives the same result.
func TestResumeComplete(t *testing.T) {
	dir := t.TempDir()
	c := shortConfig()
	res := mustRun(t, c, newRegression(), Options{Dir: dir, FS: quick()})
	r := newRegression()
	again := mustRun(t, c, r, Options{Dir: dir, FS: quick(), Resume: true})
	if d := cmp.Diff(res, again, cmpopts.IgnoreFields(Result{}, "Seconds", "PerSecond")); d != "" || r.steps != 0 {
		t.Errorf("%d steps, %s", r.steps, d)
	}
	if _, err := Run(context.Background(), c, newRegression(), Options{Dir: dir, FS: quick()}); !errors.Is(err, ErrRunExists) {
		t.Errorf("not resumed: got %v, want %v", err, ErrRunExists)
	}
}

// TestRecipe changes every field of the recipe in turn: resuming is refused with just that field named, unless forced.
func TestRecipe(t *testing.T) {
	type source struct {
		Files map[string]string `json:"files"`
		Size  []int             `json:"size"`
	}
	base := func() (Config, source) {
		return shortConfig(), source{Files: map[string]string{"train.csv": "abc"}, Size: []int{4, 128}}
	}
	dir := t.TempDir()
	c, recipe := base()
	first := newRegression()
	ctx, cancel := stopAt(first, 9)
	defer cancel()
	if _, err := Run(ctx, c, first, Options{Dir: dir, FS: quick(), Recipe: recipe}); !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, recipeFile))
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		field, was, now string
		edit            func(c *Config, d *source)
	}{
		{"train.steps", "40", "41", func(c *Config, d *source) { c.Steps = 41 }},
		{"train.warmup", "5", "6", func(c *Config, d *source) { c.Warmup = 6 }},
		{"train.schedule", `"cosine"`, `"linear"`, func(c *Config, d *source) { c.Schedule = "linear" }},
		{"train.lr", "0.05", "0.06", func(c *Config, d *source) { c.LR = 0.06 }},
		{"train.min_lr", "0", "0.01", func(c *Config, d *source) { c.MinLR = 0.01 }},
		{"train.weight_decay", "0.01", "0", func(c *Config, d *source) { c.WeightDecay = 0 }},
		{"train.beta1", "0.9", "0.8", func(c *Config, d *source) { c.Beta1 = 0.8 }},
		{"train.beta2", "0.999", "0.99", func(c *Config, d *source) { c.Beta2 = 0.99 }},
		{"train.eps", "1e-8", "0.000001", func(c *Config, d *source) { c.Eps = 1e-6 }},
		{"train.clip_norm", "1", "2", func(c *Config, d *source) { c.ClipNorm = 2 }},
		{"train.accumulate", "1", "2", func(c *Config, d *source) { c.Accumulate = 2 }},
		{"train.eval_every", "8", "4", func(c *Config, d *source) { c.EvalEvery = 4 }},
		{"train.keep", "2", "3", func(c *Config, d *source) { c.Keep = 3 }},
		{"train.seed", "0", "1", func(c *Config, d *source) { c.Seed = 1 }},
		{"recipe.files.train.csv", `"abc"`, `"abd"`, func(c *Config, d *source) { d.Files["train.csv"] = "abd" }},
		{"recipe.files.more.csv", "absent", `"x"`, func(c *Config, d *source) { d.Files["more.csv"] = "x" }},
		{"recipe.size.1", "128", "absent", func(c *Config, d *source) { d.Size = d.Size[:1] }},
	}
	for _, k := range cases {
		c, recipe := base()
		k.edit(&c, &recipe)
		_, err := Run(context.Background(), c, newRegression(), Options{Dir: dir, FS: quick(), Recipe: recipe, Resume: true})
		var re *RecipeError
		if !errors.Is(err, ErrRecipe) || !errors.As(err, &re) {
			t.Errorf("%s: got %v, want %v", k.field, err, ErrRecipe)
			continue
		}
		if d := cmp.Diff([]Change{{k.field, k.was, k.now}}, re.Changes); d != "" {
			t.Errorf("%s: %s", k.field, d)
		}
		if !strings.Contains(err.Error(), k.field+": was "+k.was+", now "+k.now) {
			t.Errorf("%s: message %q", k.field, err)
		}
	}
	after, err := os.ReadFile(filepath.Join(dir, recipeFile))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("a refused resume changed the recipe: %v", err)
	}
	if got := checkpoints(t, dir); !cmp.Equal(got, []int{10, 8}) {
		t.Errorf("a refused resume changed the checkpoints: %v", got)
	}

	c, recipe = base()
	c.Steps = 45
	res := mustRun(t, c, newRegression(), Options{Dir: dir, FS: quick(), Recipe: recipe, Resume: true, Force: true})
	if res.Steps != 45 {
		t.Errorf("forced: got %d steps, want 45", res.Steps)
	}
	// The recipe file edited to match does not help: the checkpoint knows the recipe too.
	c.Steps = 46
	data, err := recipeJSON(c, recipe)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkpoint.WriteFile(filepath.Join(dir, recipeFile), data); err != nil {
		t.Fatal(err)
	}
	_, err = Run(context.Background(), c, newRegression(), Options{Dir: dir, FS: quick(), Recipe: recipe, Resume: true})
	if !errors.Is(err, ErrRecipe) {
		t.Errorf("edited recipe: got %v, want %v", err, ErrRecipe)
	}
}

// TestOtherModel: a checkpoint of other shapes or names is refused and changes no weight.
func TestOtherModel(t *testing.T) {
	dir := t.TempDir()
	c := shortConfig()
	mustRun(t, c, newRegression(), Options{Dir: dir, FS: quick()})
	for about, edit := range map[string]func(r *regression){
		"shape": func(r *regression) { r.w.Shape = []int{4, 1} },
		"name":  func(r *regression) { r.b.Name = "bias" },
		"more":  func(r *regression) { r.frozen.Frozen = false },
	} {
		r := newRegression()
		edit(r)
		before := r.digest()
		_, err := Run(context.Background(), c, r, Options{Dir: dir, FS: quick(), Resume: true})
		if err == nil || !strings.Contains(err.Error(), "does not fit the model") {
			t.Errorf("%s: got %v", about, err)
		}
		if r.digest() != before {
			t.Errorf("%s: weights changed", about)
		}
	}
}

// TestMetricsAfterCrash: half a line, later lines and rubbish at the end of metrics.jsonl go when the run resumes.
func TestMetricsAfterCrash(t *testing.T) {
	c := shortConfig()
	whole := t.TempDir()
	mustRun(t, c, newRegression(), Options{Dir: whole, FS: quick()})
	want := outcomeOf(t, whole, c.Steps)
	for i, tail := range []string{
		`{"step":17,"lo`,
		"{\"step\":17,\"loss\":1}\n{\"step\":18,\"loss\":1}\n",
		"\x00\x00\x00\x00",
		"{\"step\":16,\"eval\":{\"loss\":1}}\n",
		"rubbish\n",
	} {
		dir := t.TempDir()
		first := newRegression()
		ctx, cancel := stopAt(first, 14)
		_, err := Run(ctx, c, first, Options{Dir: dir, FS: quick()})
		cancel()
		if !errors.Is(err, ErrStopped) {
			t.Fatal(err)
		}
		f, err := os.OpenFile(filepath.Join(dir, metricsFn), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = fmt.Fprint(f, tail)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		mustRun(t, c, newRegression(), Options{Dir: dir, FS: quick(), Resume: true})
		if got := outcomeOf(t, dir, c.Steps); got.metrics != want.metrics {
			t.Errorf("tail %d: metrics differ from the whole run's", i)
		}
	}
}
