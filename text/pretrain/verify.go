package pretrain

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/rerun"
)

// IsRun says whether dir is the folder of a pretraining run of this package.
func IsRun(dir string) bool {
	_, err := rerun.Read[recipe](dir, taskName)
	return err == nil
}

// Verify trains the model in dir again from its recipe, without the folder's weights, and compares the digests. A data file that isn't what it was
// is adapter.ErrDataChanged, a recipe at odds with itself adapter.ErrRecipe.
func Verify(ctx context.Context, dir string, o rerun.Options) (adapter.Verification, error) {
	r, err := rerun.Read[recipe](dir, taskName)
	if err != nil {
		return adapter.Verification{}, err
	}
	rec := r.Recipe
	return r.Verify(rec.Config.Train, o, func(p rerun.Part) (string, int, error) {
		c := rec.Config
		c.Train = p.Train
		options := Options{Data: rec.Data, Out: p.Out, Resume: p.Resume, Log: o.Log, Terminal: o.Terminal}
		for _, f := range rec.Pairs {
			options.Pairs = append(options.Pairs, f.Path)
		}
		if rec.Tokenizer != nil {
			options.Tokenizer = rec.Tokenizer.Path
		}
		got, err := run(ctx, c, options, p.Temp, func(now recipe) error { return compare(rec, now) })
		return got.Digest, got.Steps, err
	})
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
