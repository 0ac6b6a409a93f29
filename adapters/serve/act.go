package serve

import (
	"context"
	"io/fs"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/shared/adapter"
)

// actTask is what policies are asked for: their next action.
const actTask = "act"

// baseless says whether an adapter has no base to be found: a policy that was trained from random weights makes it of its settings.
func baseless(p *adapter.Passport) bool { return p.Task == policy.Task && p.Base.Name == policy.NoBase }

// loadAct serves policies: {"adapter", "observation", "deterministic", "seed", "context", "target"}. The server keeps no episodes: a request brings the steps that a policy reads.
func loadAct(m *model, fsys fs.FS, about *adapter.Passport) error {
	if m.base.Trajectories == nil && !baseless(about) {
		return errWrongKind
	}
	p, err := policy.LoadFS(fsys, m.base.Trajectories)
	if err != nil {
		return err
	}
	m.Digest = p.Passport().Digest
	m.tasks[actTask] = func(ctx context.Context, b *batcher, raw []byte) (any, error) {
		var in struct {
			address
			policy.Request
		}
		if err := parse(raw, &in); err != nil {
			return nil, err
		}
		var a *policy.Answer
		err := b.do(ctx, func() (err error) {
			if a, err = p.Act(&in.Request); err != nil {
				return badf("%w", err)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		a.ID = in.ID
		return a, nil
	}
	return nil
}
