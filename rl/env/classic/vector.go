package classic

import (
	"fmt"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/nprandom"
	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/rl/env/vector"
)

// A system is the state of one environment among many: the same dynamics, without the checks and calls around one alone.
type system interface {
	// start draws a first state between bounds.
	start(g *nprandom.Generator, a, b float64)
	// step takes an action that was checked and writes the observation.
	step(action float32, observation []float32) (reward float64, terminated bool)
	// observe writes the observation.
	observe(observation []float32)
}

// many steps several environments together.
type many[S any] interface {
	// step takes the actions of the environments at these numbers and writes their observations, rewards and terminations.
	step(states []S, at []int32, actions, observations []float32, rewards []float64, terminated []bool)
}

// A Vector is n environments of one kind with a time limit. Every one has the bits that it has alone.
type Vector[S any, P interface {
	*S
	system
}] struct {
	single env.Env // for its spaces
	bounds func(env.Options) (a, b float64, err error)
	mode   vector.Autoreset
	limit  int32
	size   int // of an observation

	states []S
	rngs   []nprandom.Generator
	steps  []int32
	low    float64 // bounds of episodes that begin by themselves
	high   float64
	ready  bool

	many many[S] // nil: they step one by one
	at   []int32 // those that take a step together
}

func newVector[S any, P interface {
	*S
	system
}](single env.Env, bounds func(env.Options) (a, b float64, err error), n, limit int, mode vector.Autoreset,
) (*Vector[S, P], error) {
	if err := vector.CheckSize(n, mode); err != nil {
		return nil, err
	}
	if limit < 1 || limit > 1<<30 {
		return nil, fmt.Errorf("%w: time limit: got %d steps, want 1 to 2^30", env.ErrOption, limit)
	}
	low, high, err := bounds(nil)
	if err != nil {
		return nil, err
	}
	return &Vector[S, P]{
		low: low, high: high,
		single: single, bounds: bounds, mode: mode, limit: int32(limit), size: single.ObservationSpace().Size(),
		states: make([]S, n), rngs: make([]nprandom.Generator, n), steps: make([]int32, n),
	}, nil
}

// N is how many environments there are.
func (v *Vector[S, P]) N() int { return len(v.states) }

// ObservationSpace is that of one environment.
func (v *Vector[S, P]) ObservationSpace() spaces.Space { return v.single.ObservationSpace() }

// ActionSpace is that of one environment.
func (v *Vector[S, P]) ActionSpace() spaces.Space { return v.single.ActionSpace() }

// Reset begins an episode in every environment. Episodes that begin by themselves are without the options, as in Gymnasium.
func (v *Vector[S, P]) Reset(b *vector.Batch, seed int64, options env.Options) error {
	low, high, err := v.bounds(options)
	if err != nil {
		return err
	}
	if seed < 0 && seed != env.Continue {
		return fmt.Errorf("%w: got %d, want 0 or more", env.ErrSeed, seed)
	}
	if err := b.Check(v, nil); err != nil {
		return err
	}
	if seed == env.Continue && !v.ready {
		seed = 0
	}
	for i := range v.states {
		if seed != env.Continue {
			v.rngs[i].Seed(uint64(seed) + uint64(i))
		}
		v.begin(b, i, low, high)
		b.Rewards[i], b.Terminated[i], b.Truncated[i], b.Infos[i] = 0, false, false, nil
	}
	v.ready = true
	return nil
}

// begin starts an episode of one environment.
func (v *Vector[S, P]) begin(b *vector.Batch, i int, low, high float64) {
	s := P(&v.states[i])
	s.start(&v.rngs[i], low, high)
	s.observe(b.Observations[i*v.size:][:v.size])
	v.steps[i] = 0
}

// ended marks the count of steps of an environment that begins anew in the next step.
const ended = -1

// Step takes an action in every environment.
func (v *Vector[S, P]) Step(b *vector.Batch, actions []float32) error {
	if !v.ready {
		return fmt.Errorf("%w: got a step before the first reset", env.ErrResetNeeded)
	}
	if err := b.Check(v, actions); err != nil {
		return err
	}
	if err := v.checkActions(actions); err != nil {
		return err
	}
	v.at = v.at[:0]
	for i, action := range actions {
		if v.steps[i] == ended {
			v.begin(b, i, v.low, v.high)
			b.Rewards[i], b.Terminated[i], b.Truncated[i] = 0, false, false
			continue
		}
		v.steps[i]++
		if v.many != nil {
			v.at = append(v.at, int32(i))
			continue
		}
		b.Rewards[i], b.Terminated[i] = P(&v.states[i]).step(action, b.Observations[i*v.size:][:v.size])
		v.end(b, i)
	}
	if v.many != nil {
		v.many.step(v.states, v.at, actions, b.Observations, b.Rewards, b.Terminated)
		for _, i := range v.at {
			v.end(b, int(i))
		}
	}
	return nil
}

// end sees to an episode that has come to its end, if it has.
func (v *Vector[S, P]) end(b *vector.Batch, i int) {
	b.Truncated[i] = v.steps[i] >= v.limit
	switch {
	case !b.Terminated[i] && !b.Truncated[i]:
	case v.mode == vector.NextStep:
		v.steps[i] = ended
	default:
		copy(b.Final[i*v.size:][:v.size], b.Observations[i*v.size:][:v.size])
		v.begin(b, i, v.low, v.high)
	}
}

// checkActions refuses what isn't an action: classic environments have one number each.
func (v *Vector[S, P]) checkActions(actions []float32) error {
	n := 0
	if d, ok := v.single.ActionSpace().(*spaces.Discrete); ok {
		n = d.N
	}
	for i, a := range actions {
		if n > 0 && !(a >= 0 && a < float32(n) && a == float32(int32(a))) || a-a != 0 {
			return fmt.Errorf("vector: environment %d: %w", i, env.CheckAction(v.single.ActionSpace(), actions[i:i+1]))
		}
	}
	return nil
}
