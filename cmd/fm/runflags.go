package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/fmkit/fmkit/shared/train"
)

// runFlags are the choices that every pretraining has. Those of the recipe count only where they are set.
type runFlags struct {
	preset, config, out string
	minutes             float64
	resume, force       bool
	set                 *pflag.FlagSet

	steps, batch, accumulate, evalEvery, saveEvery int
	lr, heldBack                                   float64
	seed                                           uint64
	half                                           bool
}

// add adds the flags: batches are of rows, and a fraction of data is held back.
func (f *runFlags) add(s *pflag.FlagSet, preset, rows, data string) {
	f.set = s
	s.StringVar(&f.out, "out", "", "folder for the run and the model")
	s.StringVar(&f.preset, "preset", preset, "tiny (2 layers, 128 wide), mini (4, 256) or small (6, 384)")
	s.StringVar(&f.config, "config", "", "recipe in JSON; other flags win")
	s.IntVar(&f.steps, "steps", 0, "optimizer steps")
	s.Float64Var(&f.minutes, "minutes", 0, "as many steps as fit, by a rate measured first")
	s.Uint64Var(&f.seed, "seed", 0, "seed of everything random")
	s.BoolVar(&f.resume, "resume", false, "go on with the run in --out")
	s.BoolVar(&f.force, "force", false, "resume even though the recipe has changed")
	s.BoolVar(&f.half, "half", false, "round the weights to float16 at the end and store them so, in half the space")
	s.IntVar(&f.batch, "batch", 0, rows+" of a batch")
	s.IntVar(&f.accumulate, "accumulate", 0, "batches a step")
	s.Float64Var(&f.lr, "lr", 0, "peak learning rate")
	s.Float64Var(&f.heldBack, "held-back", 0, "fraction of the "+data+" held back to evaluate on")
	s.IntVar(&f.evalEvery, "eval-every", 0, "steps between evaluations")
	s.IntVar(&f.saveEvery, "save-every", 0, "steps between checkpoints")
}

// check refuses values and files that no run can have.
func (f *runFlags) check(files ...string) error {
	if err := oneOf("--preset", f.preset, "tiny", "mini", "small"); err != nil {
		return err
	}
	if f.set.Changed("minutes") && f.set.Changed("steps") {
		return usagef("--minutes and --steps exclude each other")
	}
	if f.set.Changed("minutes") && !(f.minutes > 0 && f.minutes <= 1e6) {
		return usagef("--minutes: got %g, want more than 0", f.minutes)
	}
	for _, path := range append(files, f.config) {
		if path == "" {
			continue
		}
		if _, err := os.Stat(path); err != nil {
			return usageError{err}
		}
	}
	return nil
}

// put calls the setters of the flags that are set.
func (f *runFlags) put(setters map[string]func()) {
	for name, set := range setters {
		if f.set.Changed(name) {
			set()
		}
	}
}

// apply puts the flags that are set into a recipe.
func (f *runFlags) apply(c *train.Config, batch *int, held *float64, half *bool) {
	f.put(map[string]func(){
		"steps": func() { *c = c.WithSteps(f.steps) }, "seed": func() { c.Seed = f.seed }, "lr": func() { c.LR = f.lr },
		"accumulate": func() { c.Accumulate = f.accumulate }, "eval-every": func() { c.EvalEvery = f.evalEvery }, "save-every": func() { c.SaveEvery = f.saveEvery },
		"batch": func() { *batch = f.batch }, "held-back": func() { *held = f.heldBack }, "half": func() { *half = f.half },
	})
}

// tidying calls run and removes what a run that never began has left in a folder of its own making. A run that was stopped keeps everything.
func tidying[R any](dir string, run func() (R, error)) (R, error) {
	_, missing := os.Stat(dir)
	r, err := run()
	if err == nil || missing == nil || errors.Is(err, train.ErrStopped) || errors.Is(err, context.Canceled) {
		return r, err
	}
	if _, began := os.Stat(filepath.Join(dir, "recipe.json")); began != nil {
		_ = os.RemoveAll(dir)
	}
	return r, err
}
