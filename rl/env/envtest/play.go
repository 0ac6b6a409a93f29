package envtest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/rl/env"
)

// A player drives an environment with random actions, always the same ones.
type player struct {
	env.Env
	observation []float32
	action      []float32
}

func newPlayer(constructor env.Constructor) (*player, error) {
	e, err := constructor()
	if err != nil {
		return nil, err
	}
	if e == nil {
		return nil, errors.New("the constructor gives neither an environment nor an error")
	}
	p := &player{Env: e, observation: make([]float32, e.ObservationSpace().Size()), action: make([]float32, e.ActionSpace().Size())}
	p.ActionSpace().Seed(seed)
	return p, nil
}

// A moment is everything that a reset or a step gives.
type moment struct {
	reset       bool
	observation []float32
	outcome     env.Outcome
}

func (m moment) equal(o moment) bool {
	return m.reset == o.reset && slices.Equal(m.observation, o.observation) && m.outcome.Reward == o.outcome.Reward &&
		m.outcome.Terminated == o.outcome.Terminated && m.outcome.Truncated == o.outcome.Truncated
}

func (m moment) String() string {
	if m.reset {
		return fmt.Sprintf("a reset to %v", m.observation)
	}
	return fmt.Sprintf("a step to %v with %+v", m.observation, m.outcome)
}

// play resets by a seed and goes on over as many episodes as there are steps for. Each shows every moment to f.
func (p *player) play(seed int64, f func(moment) error) error {
	at, done := seed, true
	n := steps
	if len(p.observation) > few {
		n /= 10
	}
	for range n {
		m := moment{reset: done}
		var err error
		if done {
			if _, err = p.Reset(p.observation, at, nil); err != nil {
				return fmt.Errorf("reset: %w", err)
			}
			at, done = env.Continue, false
		} else {
			p.ActionSpace().Sample(p.action)
			if m.outcome, err = p.Step(p.observation, p.action); err != nil {
				return fmt.Errorf("step with action %v: %w", p.action, err)
			}
			done = m.outcome.Done()
		}
		m.observation = slices.Clone(p.observation)
		if err := f(m); err != nil {
			return err
		}
	}
	return nil
}

// record is all that play shows.
func (p *player) record(seed int64) (all []moment, err error) {
	err = p.play(seed, func(m moment) error {
		all = append(all, m)
		return nil
	})
	return all, err
}

// same compares two records.
func same(a, b []moment) error {
	for i := range a {
		if !a[i].equal(b[i]) {
			return fmt.Errorf("after %d calls: got %v and %v", i, a[i], b[i])
		}
	}
	return nil
}
