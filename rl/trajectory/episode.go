package trajectory

import (
	"errors"
	"fmt"
	"math"

	"github.com/fmkit/fmkit/rl/env/spaces"
)

// ErrEpisode means an episode that isn't one; the error says what is wrong.
var ErrEpisode = errors.New("trajectory: not an episode")

// An Episode is one episode of T steps, with observations of O numbers and actions of A, as package spaces lays elements out.
type Episode struct {
	Seed         int64     // of the reset that began it; env.Continue where it isn't known
	Observations []float32 // [T+1, O]: before each step, and after the last
	Actions      []float32 // [T, A]; nil where they aren't known
	Rewards      []float64 // [T]
	Terminated   bool      // the task itself ended
	Truncated    bool      // something outside it did, such as a time limit
}

// Len is T, the number of steps.
func (e *Episode) Len() int { return len(e.Rewards) }

// Return is the sum of the rewards.
func (e *Episode) Return() float64 {
	sum := 0.0
	for _, r := range e.Rewards {
		sum += r
	}
	return sum
}

// Validate returns an ErrEpisode if sizes don't fit together or a number isn't finite.
func (e *Episode) Validate(m Meta) error {
	t, o, a := e.Len(), m.Observation.Size(), m.Action.Size()
	if t == 0 {
		return fmt.Errorf("%w: got no step", ErrEpisode)
	}
	if len(e.Observations) != (t+1)*o {
		return fmt.Errorf("%w: observations: got %d numbers, want %d of %d steps", ErrEpisode, len(e.Observations), (t+1)*o, t)
	}
	if e.Actions != nil && len(e.Actions) != t*a {
		return fmt.Errorf("%w: actions: got %d numbers, want %d of %d steps", ErrEpisode, len(e.Actions), t*a, t)
	}
	for _, part := range []struct {
		name   string
		values []float32
	}{{"observations", e.Observations}, {"actions", e.Actions}} {
		for i, v := range part.values {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return fmt.Errorf("%w: %s: got %v at %d, want finite numbers", ErrEpisode, part.name, v, i)
			}
		}
	}
	for i, r := range e.Rewards {
		if math.IsNaN(r) || math.IsInf(r, 0) {
			return fmt.Errorf("%w: rewards: got %v at step %d, want finite numbers", ErrEpisode, r, i)
		}
	}
	return nil
}

// A Meta is what all episodes of a set have in common.
type Meta struct {
	Environment string // its name, such as CartPole-v1
	Observation spaces.Space
	Action      spaces.Space
}
