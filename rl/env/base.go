package env

import (
	"fmt"

	"github.com/fmkit/fmkit/rl/env/nprandom"
	"github.com/fmkit/fmkit/rl/env/spaces"
)

// Base is what environments have in common: the spaces, the random numbers and the checks of a call. Embed one.
type Base struct {
	observation, action spaces.Space
	rng                 nprandom.Generator
	seeded, ready       bool
}

// NewBase makes the base of an environment with these spaces.
func NewBase(observation, action spaces.Space) Base {
	return Base{observation: observation, action: action}
}

// ObservationSpace says what Reset and Step write.
func (b *Base) ObservationSpace() spaces.Space { return b.observation }

// ActionSpace says what Step takes.
func (b *Base) ActionSpace() spaces.Space { return b.action }

// Random are the random numbers of the seed that the last Begin had.
func (b *Base) Random() *nprandom.Generator { return &b.rng }

// Begin is what a Reset does first: it checks its arguments and seeds the random numbers.
func (b *Base) Begin(observation []float32, seed int64) error {
	if err := checkReset(b.observation, observation, seed); err != nil {
		return err
	}
	if seed == Continue && !b.seeded {
		seed = 0
	}
	if seed != Continue {
		b.rng.Seed(uint64(seed))
	}
	b.seeded, b.ready = true, true
	return nil
}

// Check is what a Step does first.
func (b *Base) Check(observation, action []float32) error {
	if !b.ready {
		return fmt.Errorf("%w: got a step before the first reset", ErrResetNeeded)
	}
	if len(observation) != b.observation.Size() {
		return lengthError(b.observation, observation)
	}
	return CheckAction(b.action, action)
}

// Started tells whether there was a reset.
func (b *Base) Started() bool { return b.ready }

func checkReset(s spaces.Space, observation []float32, seed int64) error {
	if len(observation) != s.Size() {
		return lengthError(s, observation)
	}
	if seed < 0 && seed != Continue {
		return fmt.Errorf("%w: got %d, want 0 or more", ErrSeed, seed)
	}
	return nil
}

func lengthError(s spaces.Space, observation []float32) error {
	return fmt.Errorf("%w: got %d, want %d", ErrObservation, len(observation), s.Size())
}

// CheckAction refuses what can't be an action of the space. Numbers of a Box only have to be numbers: as in Gymnasium it is the
// environment that clips them to the bounds.
func CheckAction(s spaces.Space, action []float32) error {
	box, ok := s.(*spaces.Box)
	if !ok {
		if !s.Contains(action) {
			return fmt.Errorf("%w: got %v, want an element of %v", ErrAction, action, s)
		}
		return nil
	}
	if len(action) != len(box.Low) {
		return fmt.Errorf("%w: got %d numbers, want %d", ErrAction, len(action), len(box.Low))
	}
	for i, v := range action {
		if v-v != 0 {
			return fmt.Errorf("%w: number %d: got %v, want a finite one", ErrAction, i, v)
		}
	}
	return nil
}
