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

// Verify trains the policy in dir again from its passport and compares the digests, and where they are the same what follows from the weights, the scores among it
// (adapter.ErrRecipe). base is nil for one without; open opens the episodes at a path. Of o, Log, Terminal, New and, for a policy that was not scored, NoScore count. Before
// that the base and the episodes must be those of the passport: adapter.ErrBaseMismatch, adapter.ErrDataChanged.
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
	var episodes trajectory.Source
	var path string
	if c.Algorithm != Online {
		if len(p.Data) != 1 || p.Data[0].Path == "" {
			return adapter.Verification{}, fmt.Errorf("policy: train: %w: the episodes are in no folder", adapter.ErrDataChanged)
		}
		if episodes, err = open(p.Data[0].Path); err != nil {
			return adapter.Verification{}, err
		}
		path = p.Data[0].Path
		now, err := hashEpisodes(ctx, episodes, path)
		if err != nil {
			return adapter.Verification{}, err
		}
		if err := p.Data[0].Compare(now); err != nil {
			return adapter.Verification{}, err
		}
	}
	_, again, err := Adapt(ctx, base, episodes, c, Options{Log: o.Log, Terminal: o.Terminal, New: o.New, NoScore: o.NoScore, Data: path})
	if err != nil {
		return adapter.Verification{}, err
	}
	if err := p.Agree(again); err != nil {
		return adapter.Verification{}, err
	}
	return adapter.Verification{Want: p.Digest, Got: again.Digest, Match: again.Digest == p.Digest, Steps: again.Steps, Seconds: time.Since(began).Seconds()}, nil
}
