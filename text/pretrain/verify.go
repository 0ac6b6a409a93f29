package pretrain

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/shared/train"
)

// VerifyOptions say whom a verification tells, and where it may keep its files.
type VerifyOptions struct {
	Log      io.Writer
	Terminal bool
	Temp     string // folder for token files; empty: the system's
	Last     int    // train at least this many last steps only, from a checkpoint that the run has kept; 0: all
}

// IsRun says whether dir is the folder of a pretraining run.
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

// Verify trains the model in dir again from its recipe, without the folder's weights, and compares the digests. A data file that isn't what it was
// is adapter.ErrDataChanged, a recipe at odds with itself adapter.ErrRecipe.
func Verify(ctx context.Context, dir string, o VerifyOptions) (adapter.Verification, error) {
	rec, err := readRecipe(dir)
	if err != nil {
		return adapter.Verification{}, err
	}
	if rec.loop != rec.Config.Train {
		return adapter.Verification{}, fmt.Errorf("pretrain: recipe.json: %w: train and recipe.config.train differ: %+v, %+v", adapter.ErrRecipe, rec.loop, rec.Config.Train)
	}
	want, err := digest(filepath.Join(dir, "model.safetensors"))
	if err != nil {
		return adapter.Verification{}, err
	}
	temp, err := os.MkdirTemp(o.Temp, "verify-*")
	if err != nil {
		return adapter.Verification{}, fmt.Errorf("pretrain: %w", err)
	}
	defer os.RemoveAll(temp)
	options := Options{Data: rec.Data, Log: o.Log, Terminal: o.Terminal}
	for _, f := range rec.Pairs {
		options.Pairs = append(options.Pairs, f.Path)
	}
	if rec.Tokenizer != nil {
		options.Tokenizer = rec.Tokenizer.Path
	}
	c := rec.Config
	from := 0
	if o.Last > 0 {
		options.Out, options.Resume = filepath.Join(temp, "run"), true
		if from, err = train.CopyCheckpoint(dir, options.Out, c.Train.Steps-o.Last); err != nil {
			return adapter.Verification{}, err
		}
	}
	began := time.Now()
	got, err := run(ctx, c.verified(from), options, temp, func(now recipe) error { return compare(rec, now) })
	if err != nil {
		return adapter.Verification{}, err
	}
	return adapter.Verification{Want: want, Got: got.Digest, Match: got.Digest == want, Steps: got.Steps - from, Seconds: time.Since(began).Seconds()}, nil
}

// verified is the recipe of a verification from a step on. One from a checkpoint has to be the checkpoint's own.
func (c Config) verified(from int) Config {
	if from > 0 {
		return c
	}
	c.Train.SaveEvery = 0
	if c.Train.Patience == 0 {
		c.Train.EvalEvery = 0 // evaluations decide nothing
	}
	return c
}

// compare returns ErrDataChanged if the files of now are not those of was.
func compare(was, now recipe) error {
	for _, f := range []struct{ was, now []data.FileHash }{{was.Files, now.Files}, {was.Pairs, now.Pairs}} {
		if len(f.now) != len(f.was) {
			return fmt.Errorf("pretrain: %w: got %d files, want %d", adapter.ErrDataChanged, len(f.now), len(f.was))
		}
		if i := slices.IndexFunc(f.now, func(h data.FileHash) bool { return !slices.Contains(f.was, h) }); i >= 0 {
			return fmt.Errorf("pretrain: %s: %w", f.now[i].Path, adapter.ErrDataChanged)
		}
	}
	if was.Teacher != now.Teacher {
		return fmt.Errorf("pretrain: teacher: %w", adapter.ErrDataChanged)
	}
	if was.Tokenizer != nil && *was.Tokenizer != *now.Tokenizer {
		return fmt.Errorf("pretrain: %s: %w", now.Tokenizer.Path, adapter.ErrDataChanged)
	}
	return nil
}

func digest(path string) (string, error) {
	tensors, _, err := checkpoint.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("pretrain: %w", err)
	}
	return checkpoint.Digest(tensors), nil
}
