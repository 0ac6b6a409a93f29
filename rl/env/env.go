package env

import (
	"image"

	"github.com/fmkit/fmkit/rl/env/spaces"
)

// An Env is an environment: Reset begins an episode, Step goes on with it. It is not safe for concurrent use.
type Env interface {
	// ObservationSpace says what Reset and Step write: Size numbers.
	ObservationSpace() spaces.Space
	// ActionSpace says what Step takes.
	ActionSpace() spaces.Space
	// Reset begins an episode and writes its first observation. A seed from 0 on starts the environment's random numbers anew, and
	// with them everything that follows; Continue goes on with those that it has.
	Reset(observation []float32, seed int64, options Options) (Info, error)
	// Step takes an action and writes the observation that follows it. Both slices are only used until Step returns.
	// After an error the environment is as before.
	Step(observation, action []float32) (Outcome, error)
}

// Continue is the seed of a Reset that keeps the environment's random numbers going: Gymnasium's None.
const Continue int64 = -1

// An Outcome is what a step has besides its observation.
type Outcome struct {
	Reward     float64
	Terminated bool // the task itself ended: there is no value beyond
	Truncated  bool // something outside it did, such as a time limit
	Info       Info // nil where there is nothing to say
}

// Done tells whether the episode is over, for either reason.
func (o Outcome) Done() bool { return o.Terminated || o.Truncated }

// Options are an environment's options of a reset, such as bounds of the random state. nil is none.
type Options map[string]float64

// Info is what an environment tells besides its observation. The one who gets it owns it.
type Info map[string]any

// A Renderer can show itself, in a new picture. It is an error before the first reset.
type Renderer interface {
	Render() (*image.RGBA, error)
}

// A Wrapper is an environment around another.
type Wrapper interface {
	Env
	Unwrap() Env
}

// As finds the outermost of e and the environments that it wraps that is a T.
func As[T any](e Env) (T, bool) {
	for {
		if t, ok := e.(T); ok {
			return t, true
		}
		w, ok := e.(Wrapper)
		if !ok {
			var none T
			return none, false
		}
		e = w.Unwrap()
	}
}

// A Constructor makes an environment; every call another one.
type Constructor func() (Env, error)

// A Policy writes the action that it takes after an observation.
type Policy func(observation, action []float32)

// RandomPolicy draws actions from the space, which it seeds.
func RandomPolicy(actions spaces.Space, seed uint64) Policy {
	actions.Seed(seed)
	return func(_, action []float32) { actions.Sample(action) }
}
