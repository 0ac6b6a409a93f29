package train

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// Vacant refuses a folder in which a run may not begin: one that holds a run, unless it is to be resumed, or a model of somebody else's, with one
// of the files that the run would replace at its end. The error wraps ErrRunExists or checkpoint.ErrNotReplaceable.
func Vacant(dir string, resume bool, files ...string) error {
	if _, err := os.Stat(filepath.Join(dir, recipeFile)); err == nil {
		if resume {
			return nil
		}
		return fmt.Errorf("%w: %s", ErrRunExists, dir)
	}
	for _, name := range files {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return fmt.Errorf("train: %s: %w: it has a %s that is not of a run", dir, checkpoint.ErrNotReplaceable, name)
		}
	}
	return nil
}

// CopyCheckpoint copies the newest checkpoint of the run in dir that is not past a step, and the run's recipe, into the folder to, from which a run can go
// on. It returns the checkpoint's step.
func CopyCheckpoint(dir, to string, past int) (step int, err error) {
	paths, err := filepath.Glob(filepath.Join(dir, checkpointPrefix+"*"))
	if err != nil {
		return 0, fmt.Errorf("train: %w", err)
	}
	for _, p := range paths {
		n, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(p), checkpointPrefix))
		if err == nil && n <= past {
			step = max(step, n)
		}
	}
	if step == 0 {
		return 0, fmt.Errorf("train: %s: no checkpoint at step %d or before: got %d in all", dir, past, len(paths))
	}
	name := checkpointPrefix + strconv.Itoa(step)
	if err := os.CopyFS(filepath.Join(to, name), os.DirFS(filepath.Join(dir, name))); err != nil {
		return 0, fmt.Errorf("train: %w", err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, recipeFile))
	if err != nil {
		return 0, fmt.Errorf("train: %w", err)
	}
	return step, checkpoint.WriteFile(filepath.Join(to, recipeFile), raw)
}
