package train

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrNonFinite: the loss or the gradient was not finite in 10 steps in a row.
	ErrNonFinite = errors.New("train: loss or gradient is not finite")
	// ErrStopped: the context was cancelled; the state has been saved.
	ErrStopped = errors.New("train: stopped")
	// ErrRecipe: the run folder belongs to another recipe. The error is a *RecipeError.
	ErrRecipe = errors.New("train: recipe differs from the run's")
	// ErrRunExists: the run folder already holds a run and Options.Resume is not set.
	ErrRunExists = errors.New("train: folder already holds a run")
	// ErrSave: the last checkpoint could not be written.
	ErrSave = errors.New("train: saving failed")
	// ErrChecksum: a checkpoint's file is not what was written.
	ErrChecksum = errors.New("checksum differs")
	// ErrVersion: a checkpoint was written by another version of this package.
	ErrVersion = errors.New("unknown checkpoint version")
	// ErrNoCheckpoint: the run folder has checkpoints but none can be used.
	ErrNoCheckpoint = errors.New("train: no usable checkpoint")
	// ErrConfig: a training configuration is out of range.
	ErrConfig = errors.New("train: config")
)

// A Change is one field of a recipe that differs.
type Change struct {
	Field    string // path such as "train.lr" or "recipe.data.0.sha256"
	Was, Now string // JSON values, "absent" where there is none
}

// A RecipeError lists every field of a recipe that differs from the run's own. It is an ErrRecipe.
type RecipeError struct{ Changes []Change }

func (e *RecipeError) Error() string {
	var b strings.Builder
	b.WriteString(ErrRecipe.Error())
	for _, c := range e.Changes {
		fmt.Fprintf(&b, "\n  %s: was %s, now %s", c.Field, c.Was, c.Now)
	}
	return b.String()
}

// Unwrap returns ErrRecipe.
func (e *RecipeError) Unwrap() error { return ErrRecipe }

// Finished says whether the weights are final after Run gave got and err of a run of the given steps: it came to its end, or only its last checkpoint could not be written.
func Finished(got Result, steps int, err error) bool {
	return err == nil || errors.Is(err, ErrSave) && !errors.Is(err, ErrStopped) && got.Steps == steps
}
