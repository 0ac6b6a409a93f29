package policy

import (
	"context"
	"fmt"
	"image"
	"slices"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
)

// maxLength bounds an episode of an environment without a time limit, in steps.
const maxLength = 1 << 20

// fits says whether the environment of a name has the observations and actions that the policy is for.
func (p *Policy) fits(id string, e env.Env) error {
	was := &p.settings.Environment
	now, err := rl.NewEnvironment(id, e.ObservationSpace(), e.ActionSpace())
	if err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	if !slices.Equal(now.Observation, was.Observation) || now.Actions != was.Actions || now.Start != was.Start || !slices.Equal(now.Low, was.Low) || !slices.Equal(now.High, was.High) {
		return fmt.Errorf("policy: %w: %s has other observations or actions than %s, which the policy is for", ErrSettings, id, was.ID)
	}
	return nil
}

// play plays the session's episode in e from a seed, and shows every decision to see before it is carried out.
func (s *Session) play(ctx context.Context, e env.Env, seed int64, deterministic bool, see func(*Decision) error) (rl.Episode, error) {
	got := rl.Episode{Seed: seed}
	observation, action := make([]float32, e.ObservationSpace().Size()), make([]float32, e.ActionSpace().Size())
	if _, err := e.Reset(observation, seed, nil); err != nil {
		return got, err
	}
	for !got.Terminated && !got.Truncated {
		if err := ctx.Err(); err != nil {
			return got, err
		}
		if got.Length == maxLength {
			return got, fmt.Errorf("policy: got no end within %d steps", maxLength)
		}
		d, err := s.Predict(action, observation, deterministic)
		if err != nil {
			return got, err
		}
		if err := see(d); err != nil {
			return got, err
		}
		o, err := e.Step(observation, action)
		if err != nil {
			return got, fmt.Errorf("policy: step %d: %w", got.Length, err)
		}
		s.Reward(o.Reward)
		got.Return += o.Reward
		got.Length++
		got.Terminated, got.Truncated = o.Terminated, o.Truncated
	}
	return got, nil
}

// Film plays an episode of the policy's own environment from a seed, and shows the first pictures of it.
func Film(ctx context.Context, p *Policy, seed int64, pictures int, show func(*image.RGBA)) (rl.Episode, error) {
	id := p.settings.Environment.ID
	e, err := rl.Make(id)
	if err != nil {
		return rl.Episode{}, err
	}
	if err := p.fits(id, e); err != nil {
		return rl.Episode{}, err
	}
	screen, ok := env.As[env.Renderer](e)
	if !ok {
		return rl.Episode{}, fmt.Errorf("policy: %s can't be drawn", id)
	}
	return p.NewSession(uint64(seed)).play(ctx, e, seed, true, func(d *Decision) error {
		if d.Step >= pictures {
			return nil
		}
		m, err := screen.Render()
		if err == nil {
			show(m)
		}
		return err
	})
}
