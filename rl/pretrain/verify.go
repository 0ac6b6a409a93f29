package pretrain

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/rerun"
)

// IsRun says whether dir is the folder of a pretraining run of this package.
func IsRun(dir string) bool {
	_, err := rerun.Read[recipe](dir, taskName)
	return err == nil
}

// Verify trains the model in dir again from its recipe, without the folder's weights, and compares the digests. Sources are those that the run had from the
// program itself. Episodes that aren't what they were are adapter.ErrDataChanged, a recipe at odds with itself adapter.ErrRecipe.
func Verify(ctx context.Context, dir string, o rerun.Options, sources ...trajectory.Source) (adapter.Verification, error) {
	r, err := rerun.Read[recipe](dir, taskName)
	if err != nil {
		return adapter.Verification{}, err
	}
	rec := r.Recipe
	return r.Verify(rec.Config.Train, o, func(p rerun.Part) (string, int, error) {
		c := rec.Config
		if err := c.Validate(); err != nil {
			return "", 0, fmt.Errorf("pretrain: recipe: %w", err)
		}
		c.Train = p.Train
		options := Options{Data: rec.Data, Sources: sources, Out: p.Out, Resume: p.Resume, Log: o.Log, Terminal: o.Terminal}
		got, err := run(ctx, c, options, func(now recipe) error {
			if now.Source != rec.Source || now.Episodes != rec.Episodes {
				return fmt.Errorf("pretrain: %q: %w", rec.Data, adapter.ErrDataChanged)
			}
			return nil
		})
		return got.Digest, got.Steps, err
	})
}
