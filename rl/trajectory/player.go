package trajectory

import (
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/shared/random"
)

// Each makes a player of a policy without a memory: one that keeps nothing from a call to the next.
func Each(observations, actions spaces.Space, policy env.Policy) Player {
	o, a := observations.Size(), actions.Size()
	return func(seeds []int64, _ []int, x, y []float32) error {
		for i := range seeds {
			policy(x[i*o:][:o], y[i*a:][:a])
		}
		return nil
	}
}

// Random makes a player that draws every action from the space, by the seed, the episode's seed and the step. The space is the player's
// from then on.
func Random(actions spaces.Space, seed uint64) Player {
	a, key := actions.Size(), random.Key(seed, "trajectory.random")
	return func(seeds []int64, steps []int, _, y []float32) error {
		for i, s := range seeds {
			actions.Seed(random.Mix(random.Mix(key, uint64(s)), uint64(steps[i])))
			actions.Sample(y[i*a:][:a])
		}
		return nil
	}
}
