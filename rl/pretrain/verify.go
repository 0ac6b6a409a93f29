package pretrain

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/shared/train"
)

// VerifyOptions say whom a verification tells, and where it may keep its files.
type VerifyOptions struct {
	Log      io.Writer
	Terminal bool
	Temp     string              // folder for a run of the last steps; empty: the system's
	Last     int                 // train at least this many last steps only, from a checkpoint that the run has kept; 0: all
	Sources  []trajectory.Source // those that the run had from the program itself
}

// IsRun says whether dir is the folder of a pretraining run of this package.
func IsRun(dir string) bool {
	_, err := readRecipe(dir)
	return err == nil
}

func readRecipe(dir string) (recipe, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "recipe.json"))
	if err != nil {
		return recipe{}, fmt.Errorf("pretrain: %w", err)
	}
	var r struct {
		Train  train.Config `json:"train"`
		Recipe recipe       `json:"recipe"`
	}
	if err := strictjson.Decode(raw, &r, strictjson.Limits{Bytes: 64 << 20}); err != nil {
		return recipe{}, fmt.Errorf("pretrain: recipe.json: %w", err)
	}
	if r.Recipe.Task != taskName {
		return recipe{}, fmt.Errorf("pretrain: recipe.json: task: got %q, want %q", r.Recipe.Task, taskName)
	}
	r.Recipe.loop = r.Train
	return r.Recipe, nil
}

// Verify trains the model in dir again from its recipe, without the folder's weights, and compares the digests. Episodes that aren't what they were
// are adapter.ErrDataChanged, a recipe at odds with itself adapter.ErrRecipe.
func Verify(ctx context.Context, dir string, o VerifyOptions) (adapter.Verification, error) {
	rec, err := readRecipe(dir)
	if err != nil {
		return adapter.Verification{}, err
	}
	c := rec.Config
	if rec.loop != c.Train {
		return adapter.Verification{}, fmt.Errorf("pretrain: recipe.json: %w: train and recipe.config.train differ: %+v, %+v", adapter.ErrRecipe, rec.loop, c.Train)
	}
	if err := c.Validate(); err != nil {
		return adapter.Verification{}, fmt.Errorf("pretrain: recipe.json: %w", err)
	}
	tensors, _, err := checkpoint.ReadFile(filepath.Join(dir, "model.safetensors"))
	if err != nil {
		return adapter.Verification{}, fmt.Errorf("pretrain: %w", err)
	}
	want := checkpoint.Digest(tensors)
	options, from := Options{Data: rec.Data, Sources: o.Sources, Log: o.Log, Terminal: o.Terminal}, 0
	if o.Last > 0 { // the recipe has to stay the checkpoint's own
		temp, err := os.MkdirTemp(o.Temp, "verify-*")
		if err != nil {
			return adapter.Verification{}, fmt.Errorf("pretrain: %w", err)
		}
		defer os.RemoveAll(temp)
		options.Out, options.Resume = filepath.Join(temp, "run"), true
		if from, err = train.CopyCheckpoint(dir, options.Out, c.Train.Steps-o.Last); err != nil {
			return adapter.Verification{}, err
		}
	} else if c.Train.SaveEvery = 0; c.Train.Patience == 0 {
		c.Train.EvalEvery = 0 // evaluations decide nothing
	}
	began := time.Now()
	got, err := run(ctx, c, options, func(now recipe) error {
		if now.Source != rec.Source || now.Episodes != rec.Episodes {
			return fmt.Errorf("pretrain: %q: %w", rec.Data, adapter.ErrDataChanged)
		}
		return nil
	})
	if err != nil {
		return adapter.Verification{}, err
	}
	return adapter.Verification{Want: want, Got: got.Digest, Match: got.Digest == want, Steps: got.Steps - from, Seconds: time.Since(began).Seconds()}, nil
}
