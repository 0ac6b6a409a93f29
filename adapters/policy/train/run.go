package train

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/shared/train"
)

// Files of a run by PPO.
const (
	recipeFile    = "recipe.json"
	lockFile      = "lock"
	checkpointDir = "checkpoint"
	stateFile     = "state.json"
	tensorsFile   = "model.safetensors"
)

// A state is what a run by PPO needs to go on, besides tensors. It is of a moment at which all environments begin anew, so there is nothing of them.
type state struct {
	Recipe     string          `json:"recipe_sha256"`
	Rollout    int             `json:"rollout"` // rollouts done
	Updates    int             `json:"updates"`
	Seen       stored          `json:"seen"`
	Discounted stored          `json:"discounted"`
	Unit       float64         `json:"reward_unit"`
	Mean       []float32       `json:"mean,omitempty"`
	Std        []float32       `json:"std,omitempty"`
	Envelope   policy.Envelope `json:"envelope"`
	History    []point         `json:"history"`
	Digest     string          `json:"digest"` // of the tensors
}

// stored is a running mean and variance. JSON keeps float64s to the bit.
type stored struct {
	Count    float64   `json:"count"`
	Mean     []float64 `json:"mean"`
	Variance []float64 `json:"variance"`
}

// run trains up to all rollouts, and keeps a checkpoint in the folder dir, or nothing where that is empty.
func (l *learner) run(ctx context.Context, dir string, resume bool, recipe []byte, all int, log func(rollout int, loss float64)) error {
	first := 0
	sum, err := adapter.RecipeSum(recipe)
	if err != nil {
		return fmt.Errorf("policy: train: %w", err)
	}
	if dir != "" {
		unlock, err := l.open(dir, resume, recipe)
		if err != nil {
			return err
		}
		defer unlock()
		if first, err = l.restore(dir, sum); err != nil {
			return err
		}
	}
	for i := first; i < all; i++ {
		if dir != "" && i > first && i%l.c.Renew == 0 {
			if err := l.save(dir, sum, i); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%w in rollout %d of %d", train.ErrStopped, i, all)
		}
		loss, err := l.iterate(i, all)
		if err != nil {
			return fmt.Errorf("rollout %d: %w", i, err)
		}
		l.note(i, loss)
		log(i, loss)
	}
	return nil
}

// open locks the folder and sees that it is of this recipe.
func (l *learner) open(dir string, resume bool, recipe []byte) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("policy: train: %w", err)
	}
	lock, err := checkpoint.LockFile(filepath.Join(dir, lockFile))
	if err != nil {
		return nil, fmt.Errorf("policy: train: %w", err)
	}
	unlock = func() { _ = lock.Unlock() }
	was, err := os.ReadFile(filepath.Join(dir, recipeFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = checkpoint.WriteFile(filepath.Join(dir, recipeFile), append(recipe, '\n'))
	case err == nil && !resume:
		err = fmt.Errorf("%w: %s: resume it or choose another folder", train.ErrRunExists, dir)
	case err == nil && !bytes.Equal(bytes.TrimSpace(was), recipe):
		err = fmt.Errorf("%w: %s", train.ErrRecipe, dir)
	}
	if err != nil {
		unlock()
		return nil, fmt.Errorf("policy: train: %w", err)
	}
	return unlock, nil
}

// tensors are what a checkpoint holds.
func (l *learner) tensors() []checkpoint.Tensor {
	var all []checkpoint.Tensor
	for _, p := range l.params {
		all = append(all, checkpoint.Tensor{Name: p.Name, Shape: p.Shape, Data: p.Value})
	}
	for _, m := range l.opt.Moments() {
		all = append(all, checkpoint.Tensor{Name: m.Name, Shape: m.Param.Shape, Data: m.Values})
	}
	return all
}

// save writes the checkpoint before rollout i.
func (l *learner) save(dir, recipe string, i int) error {
	tensors := l.tensors()
	s := state{
		Recipe: recipe, Rollout: i, Updates: l.opt.T, Unit: l.player.rewardUnit, Envelope: l.settings.Envelope, History: l.history, Digest: checkpoint.Digest(tensors),
		Seen:       stored{l.player.seen.count, l.player.seen.mean, l.player.seen.variance},
		Discounted: stored{l.player.discounted.count, l.player.discounted.mean, l.player.discounted.variance},
	}
	if l.learns {
		s.Mean, s.Std = l.about.Mean, l.about.Std
	}
	raw, err := json.Marshal(s)
	if err == nil {
		err = checkpoint.Save(filepath.Join(dir, checkpointDir), func(d *checkpoint.Dir) error {
			if err := d.WriteTensors(tensorsFile, tensors, nil); err != nil {
				return err
			}
			return d.WriteFile(stateFile, raw)
		})
	}
	if err != nil {
		return fmt.Errorf("policy: train: rollout %d: %w", i, err)
	}
	return nil
}

// restore goes back to the checkpoint, if there is one. It returns the next rollout.
func (l *learner) restore(dir, recipe string) (int, error) {
	at := filepath.Join(dir, checkpointDir)
	if err := checkpoint.Recover(at); err != nil {
		return 0, fmt.Errorf("policy: train: %w", err)
	}
	raw, err := os.ReadFile(filepath.Join(at, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	var s state
	if err == nil {
		err = strictjson.Decode(raw, &s, strictjson.Limits{Bytes: 64 << 20})
	}
	if err == nil {
		err = l.put(&s, at, recipe)
	}
	if err != nil {
		return 0, fmt.Errorf("policy: train: %s: %w", at, err)
	}
	return s.Rollout, nil
}

// put takes over a state and the tensors beside it.
func (l *learner) put(s *state, at, recipe string) error {
	o := l.player.o
	if s.Recipe != recipe || len(s.Seen.Mean) != o || len(s.Seen.Variance) != o || len(s.Discounted.Mean) != 1 || len(s.Discounted.Variance) != 1 ||
		s.Rollout < 1 || s.Rollout%l.c.Renew != 0 {
		return fmt.Errorf("%s: %w", stateFile, train.ErrRecipe)
	}
	f, err := checkpoint.Open(filepath.Join(at, tensorsFile))
	if err != nil {
		return err
	}
	defer f.Close()
	tensors := l.tensors()
	for _, t := range tensors {
		if err := f.Read(t.Name, t.Data); err != nil {
			return err
		}
	}
	if got := checkpoint.Digest(tensors); got != s.Digest {
		return fmt.Errorf("%s: %w", tensorsFile, train.ErrChecksum)
	}
	l.opt.SetT(s.Updates)
	l.player.seen = &running{s.Seen.Count, s.Seen.Mean, s.Seen.Variance}
	l.player.discounted = &running{s.Discounted.Count, s.Discounted.Mean, s.Discounted.Variance}
	l.player.rewardUnit, l.settings.Envelope, l.history = s.Unit, s.Envelope, s.History
	if l.learns {
		l.about.Mean, l.about.Std = s.Mean, s.Std
	}
	return nil
}
