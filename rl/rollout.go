package rl

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/rl/env"
)

// An Episode is what an episode came to.
type Episode struct {
	Episode    int     `json:"episode"`
	Seed       int64   `json:"seed"`
	Return     float64 `json:"return"`
	Length     int     `json:"length"`
	Terminated bool    `json:"terminated"`
	Truncated  bool    `json:"truncated"`
}

// maxLength bounds an episode of an environment without a time limit, in steps.
const maxLength = 1 << 20

// Rollout plays episodes by a policy, the i-th seeded with seed + i, and shows each to f. It ends when ctx does.
func Rollout(ctx context.Context, e env.Env, policy env.Policy, seed int64, episodes int, f func(Episode) error) error {
	observation, action := make([]float32, e.ObservationSpace().Size()), make([]float32, e.ActionSpace().Size())
	for i := range episodes {
		all := Episode{Episode: i, Seed: seed + int64(i)}
		if _, err := e.Reset(observation, all.Seed, nil); err != nil {
			return fmt.Errorf("rl: episode %d: %w", i, err)
		}
		for !all.Terminated && !all.Truncated {
			if err := ctx.Err(); err != nil {
				return err
			}
			if all.Length == maxLength {
				return fmt.Errorf("rl: episode %d: got no end within %d steps", i, maxLength)
			}
			policy(observation, action)
			o, err := e.Step(observation, action)
			if err != nil {
				return fmt.Errorf("rl: episode %d, step %d: %w", i, all.Length, err)
			}
			all.Return += o.Reward
			all.Length++
			all.Terminated, all.Truncated = o.Terminated, o.Truncated
		}
		if err := f(all); err != nil {
			return err
		}
	}
	return nil
}
