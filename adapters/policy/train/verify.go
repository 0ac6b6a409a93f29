package train

import (
	"context"
	"fmt"
	"time"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/adapter"
)

// Verify trains the policy in dir again from its passport and compares the digests. base is nil for one without; open opens the episodes at a path. Of o, Log, Terminal and New count. Before that the
// base and the episodes must be those of the passport: adapter.ErrBaseMismatch, adapter.ErrDataChanged.
func Verify(ctx context.Context, dir string, base *rl.Model, open func(path string) (trajectory.Source, error), o Options) (adapter.Verification, error) {
	began := time.Now()
	was, err := policy.Load(dir, base) // which compares base and digest
	if err != nil {
		return adapter.Verification{}, err
	}
	p := was.Passport()
	c, err := ParseConfig(p.Recipe)
	if err != nil {
		return adapter.Verification{}, err
	}
	if p.Method != c.Method || p.Seed != c.Seed {
		return adapter.Verification{}, fmt.Errorf("policy: train: %w: got method %s and seed %d in the passport, %s and %d in the recipe", adapter.ErrRecipe, p.Method, p.Seed, c.Method, c.Seed)
	}
	var episodes trajectory.Source
	if c.Algorithm != Online {
		if len(p.Data) != 1 || p.Data[0].Path == "" {
			return adapter.Verification{}, fmt.Errorf("policy: train: %w: the episodes are in no folder", adapter.ErrDataChanged)
		}
		if episodes, err = open(p.Data[0].Path); err != nil {
			return adapter.Verification{}, err
		}
		now, err := hashEpisodes(ctx, episodes, p.Data[0].Path)
		if err != nil {
			return adapter.Verification{}, err
		}
		if err := p.Data[0].Compare(now); err != nil {
			return adapter.Verification{}, err
		}
	}
	_, again, err := Adapt(ctx, base, episodes, c, Options{Log: o.Log, Terminal: o.Terminal, New: o.New, NoScore: true})
	if err != nil {
		return adapter.Verification{}, err
	}
	want, err := adapter.RecipeSum(p.Settings) // whatever its spacing
	if err != nil {
		return adapter.Verification{}, err
	}
	if got, err := adapter.RecipeSum(again.Settings); err != nil || got != want {
		return adapter.Verification{}, fmt.Errorf("policy: train: %w: settings: got others than the recipe gives", adapter.ErrRecipe)
	}
	return adapter.Verification{Want: p.Digest, Got: again.Digest, Match: again.Digest == p.Digest, Steps: again.Steps, Seconds: time.Since(began).Seconds()}, nil
}
