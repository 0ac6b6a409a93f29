package train

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

const (
	recipeFile  = "recipe.json"
	metricsFn   = "metrics.jsonl"
	reportFile  = "report.html"
	lockFile    = "lock"
	recipeLimit = 64 << 20
)

// start makes a run, from the newest good checkpoint if it resumes one.
func start[B any](c Config, t Task[B], o Options) (_ *run[B], err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.FS == nil {
		o.FS = checkpoint.OS
	}
	r := &run[B]{c: c, task: t, o: o, saved: -1, st: state{Version: stateVersion}}
	r.progress = progress{w: o.Log, terminal: o.Terminal, now: o.Now, began: o.Now()}
	if r.params, err = trainable(t.Params()); err != nil {
		return nil, err
	}
	r.opt, r.average = NewOptimizer(r.params, c), newAverage(r.params, c.Average)
	recipe, err := recipeJSON(c, o.Recipe)
	if err != nil {
		return nil, err
	}
	if r.st.Recipe, err = recipeHash(recipe); err != nil {
		return nil, err
	}
	if o.Dir != "" {
		if err := r.open(recipe); err != nil {
			return nil, errors.Join(err, r.close())
		}
	}
	r.good, r.began, r.progress.first = r.st, r.st.Seconds, r.st.Step
	return r, nil
}

// open locks the run folder, cleans up after a crash and loads the newest good checkpoint.
func (r *run[B]) open(recipe []byte) (err error) {
	dir := r.o.Dir
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if r.lock, err = checkpoint.LockFile(filepath.Join(dir, lockFile)); err != nil {
		return fmt.Errorf("train: %s: %w", dir, err)
	}
	if err := r.clean(); err != nil {
		return err
	}
	r.folder = &folder{fs: r.o.FS, dir: dir, keep: r.c.Keep, bad: map[int]bool{}, log: r.progress.event}
	steps, err := r.folder.steps()
	if err != nil {
		return err
	}
	if err := r.compareRecipe(recipe, len(steps) > 0); err != nil {
		return err
	}
	if err := r.load(steps); err != nil {
		return err
	}
	if r.saved >= 0 && len(r.folder.bad) == 0 { // the last process may have died before it let old ones go
		if err := r.folder.retain(&r.st); err != nil {
			return err
		}
	}
	r.metrics, err = openMetrics(filepath.Join(dir, metricsFn), &r.st)
	return err
}

// clean cleans up after a crash, in a folder that a run has been in: what lies in another belongs to others.
func (r *run[B]) clean() error {
	names, err := r.o.FS.List(r.o.Dir)
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if !slices.ContainsFunc(names, func(n string) bool {
		n = strings.TrimPrefix(n, ".")
		return strings.HasPrefix(n, recipeFile) || strings.HasPrefix(n, checkpointPrefix)
	}) {
		return nil
	}
	return errors.Join(checkpoint.RecoverAllIn(checkpoint.OS, r.o.Dir), checkpoint.RecoverAllIn(r.o.FS, r.o.Dir))
}

// compareRecipe writes recipe.json for a new run and compares it for one that goes on.
func (r *run[B]) compareRecipe(now []byte, hasCheckpoints bool) error {
	path := filepath.Join(r.o.Dir, recipeFile)
	was, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("train: %w", err)
	}
	if !r.o.Resume && (err == nil || hasCheckpoints) {
		return fmt.Errorf("%w: %s: resume it or choose another folder", ErrRunExists, r.o.Dir)
	}
	if err == nil {
		changes, err := recipeChanges(was, now)
		switch {
		case err != nil:
			r.progress.event("train: %s cannot be read and is written anew: %v", recipeFile, err)
		case len(changes) == 0:
			return nil
		case !r.o.Force:
			return &RecipeError{Changes: changes}
		default:
			r.progress.event("train: resuming with another recipe, as forced: %v", &RecipeError{Changes: changes})
		}
	}
	return checkpoint.WriteFile(path, now)
}

// load restores the newest good checkpoint of steps, if there are any.
func (r *run[B]) load(steps []int) error {
	var noBest *state // the newest that is good but for the best evaluation, whose weights are gone
	for _, step := range steps {
		st, err := r.folder.verify(step)
		if err != nil {
			r.folder.bad[step] = true
			r.progress.event("train: checkpoint-%d is damaged, trying the one before: %v", step, err)
			continue
		}
		if st.Recipe != r.st.Recipe && !r.o.Force {
			return &RecipeError{Changes: []Change{{Field: "sha256 in checkpoint", Was: st.Recipe, Now: r.st.Recipe}}}
		}
		if err := r.findBest(st); err != nil {
			r.folder.bad[step] = true
			r.progress.event("train: checkpoint-%d lacks the best weights, those of step %d, trying the one before: %v", step, st.BestStep, err)
			if noBest == nil {
				noBest = st
			}
			continue
		}
		return r.goOn(st)
	}
	if noBest != nil {
		delete(r.folder.bad, noBest.Step) // it counts as any other
		if err := r.goOn(noBest); err != nil {
			return err
		}
		r.progress.event("train: the best evaluation, at step %d, is forgotten", r.st.BestStep)
		r.forgetBest()
		return nil
	}
	if len(steps) > 0 {
		return fmt.Errorf("%w in %s", ErrNoCheckpoint, r.o.Dir)
	}
	return nil
}

// goOn restores a verified checkpoint.
func (r *run[B]) goOn(st *state) error {
	files := map[string][]checkpoint.Tensor{modelFile: weights(r.params), optimizerFile: moments(r.opt)}
	if r.average != nil && st.Files[averageFile] != "" {
		files[averageFile] = r.average.tensors()
	}
	if r.c.Patience > 0 && st.Files[bestFile] != "" {
		r.best = make([][]float32, len(r.params))
		for i, p := range r.params {
			r.best[i] = make([]float32, len(p.Value))
		}
		files[bestFile] = r.bestTensors()
	}
	if err := r.folder.restore(st, files); err != nil {
		return fmt.Errorf("train: checkpoint-%d does not fit the model: %w", st.Step, err)
	}
	if files[averageFile] == nil { // of a run that had no average
		r.average = newAverage(r.params, r.c.Average)
	}
	r.opt.SetT(st.Updates)
	st.Recipe = r.st.Recipe
	r.st, r.saved, r.evaluated = *st, st.Step, st.Evaluated
	r.progress.event("train: going on from step %d", st.Step)
	return nil
}

// close gives back what open took.
func (r *run[B]) close() error {
	r.progress.end()
	var errs []error
	if r.metrics != nil {
		errs = append(errs, r.metrics.f.Close())
	}
	if r.lock != nil {
		errs = append(errs, r.lock.Unlock())
	}
	return errors.Join(errs...)
}
