package envtest

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/spaces"
)

// spacesFit: both spaces are there, stay the same and have a size.
func spacesFit(constructor env.Constructor) error {
	p, err := newPlayer(constructor)
	if err != nil {
		return err
	}
	for what, of := range map[string]func() spaces.Space{"observations": p.ObservationSpace, "actions": p.ActionSpace} {
		if s := of(); s.Size() < 1 {
			return fmt.Errorf("the space of %s has size %d", what, s.Size())
		}
		if a, b := of().String(), of().String(); a != b {
			return fmt.Errorf("the space of %s is first %s, then %s", what, a, b)
		}
	}
	return nil
}

// elements: observations are in their space, rewards are numbers.
func elements(constructor env.Constructor) error {
	p, err := newPlayer(constructor)
	if err != nil {
		return err
	}
	return p.play(seed, func(m moment) error {
		if !p.ObservationSpace().Contains(m.observation) {
			return fmt.Errorf("%v: the observation isn't in %v", m, p.ObservationSpace())
		}
		if r := m.outcome.Reward; math.IsNaN(r) || math.IsInf(r, 0) {
			return fmt.Errorf("%v: the reward isn't a number", m)
		}
		return nil
	})
}

// determinism: the same seed and actions give the same episodes, in another environment and in the same one again, and after a step that
// was left in the middle.
func determinism(constructor env.Constructor) error {
	a, err := newPlayer(constructor)
	if err != nil {
		return err
	}
	b, err := newPlayer(constructor)
	if err != nil {
		return err
	}
	first, err := a.record(seed)
	if err != nil {
		return err
	}
	for what, p := range map[string]*player{"another environment": b, "the same environment again": a} {
		p.ActionSpace().Seed(seed)
		again, err := p.record(seed)
		if err != nil {
			return err
		}
		if err := same(first, again); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}

// aliasing: nothing depends on the slices of past calls, and actions stay as they are.
func aliasing(constructor env.Constructor) error {
	p, err := newPlayer(constructor)
	if err != nil {
		return err
	}
	want, err := p.record(seed)
	if err != nil {
		return err
	}
	p.ActionSpace().Seed(seed)
	var got []moment
	err = p.play(seed, func(m moment) error {
		got = append(got, m)
		for i := range p.observation { // the slice that the next call writes to
			p.observation[i] = float32(math.NaN())
		}
		if len(got)%2 == 0 {
			p.observation = make([]float32, len(p.observation))
		}
		for i := range p.action {
			p.action[i] = float32(math.NaN())
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := same(want, got); err != nil {
		return fmt.Errorf("with slices overwritten after each call: %w", err)
	}
	if _, err := p.Reset(p.observation, seed, nil); err != nil {
		return err
	}
	p.ActionSpace().Sample(p.action)
	before := slices.Clone(p.action)
	if _, err := p.Step(p.observation, p.action); err != nil {
		return err
	}
	if !slices.Equal(before, p.action) {
		return fmt.Errorf("a step changed its action from %v to %v", before, p.action)
	}
	return nil
}

// order: a step before the first reset is refused, and one after the end of an episode by an environment that is checked.
func order(constructor env.Constructor) error {
	p, err := newPlayer(constructor)
	if err != nil {
		return err
	}
	p.ActionSpace().Sample(p.action)
	if _, err := p.Step(p.observation, p.action); !errors.Is(err, env.ErrResetNeeded) {
		return fmt.Errorf("a step before the first reset: got %v, want %v", err, env.ErrResetNeeded)
	}
	if _, ok := env.As[*env.Checked](p.Env); !ok {
		return nil
	}
	return p.play(seed, func(m moment) error {
		if !m.outcome.Done() {
			return nil
		}
		if _, err := p.Step(p.observation, p.action); !errors.Is(err, env.ErrResetNeeded) {
			return fmt.Errorf("a step after the end of an episode: got %v, want %v", err, env.ErrResetNeeded)
		}
		return nil
	})
}

// arguments: slices of the wrong length, actions that are none, options that don't exist and negative seeds are refused, and nothing changes.
func arguments(constructor env.Constructor) error {
	p, err := newPlayer(constructor)
	if err != nil {
		return err
	}
	refused := func(what string, err, want error) error {
		if !errors.Is(err, want) {
			return fmt.Errorf("%s: got %v, want %v", what, err, want)
		}
		return nil
	}
	want, err := p.record(seed)
	if err != nil {
		return err
	}
	long := make([]float32, len(p.observation)+1)
	nan := slices.Repeat([]float32{float32(math.NaN())}, len(p.action))
	p.ActionSpace().Seed(seed)
	var got []moment
	err = p.play(seed, func(m moment) error {
		if got = append(got, m); m.outcome.Done() {
			return nil
		}
		_, short := p.Step(p.observation[1:], p.action)
		_, tooLong := p.Step(long, p.action)
		_, none := p.Step(p.observation, nil)
		_, notNumbers := p.Step(p.observation, nan)
		_, more := p.Step(p.observation, append(slices.Clone(p.action), 0))
		_, reset := p.Reset(p.observation[1:], seed, nil)
		_, negative := p.Reset(p.observation, -5, nil)
		_, option := p.Reset(p.observation, seed, env.Options{"no such option": 1})
		return errors.Join(
			refused("a step with a short slice", short, env.ErrObservation), refused("a step with a long slice", tooLong, env.ErrObservation),
			refused("a step without an action", none, env.ErrAction), refused("an action of NaN", notNumbers, env.ErrAction),
			refused("an action with a number too many", more, env.ErrAction), refused("a reset with a short slice", reset, env.ErrObservation),
			refused("a negative seed", negative, env.ErrSeed), refused("an unknown option", option, env.ErrOption),
		)
	})
	if err != nil {
		return err
	}
	if err := same(want, got); err != nil {
		return fmt.Errorf("with refused calls in between: %w", err)
	}
	return nil
}

// timeLimit: where there is one it truncates in its last step, and no sooner unless the environment has reasons of its own.
func timeLimit(constructor env.Constructor) error {
	p, err := newPlayer(constructor)
	if err != nil {
		return err
	}
	limit, ok := env.As[*env.TimeLimit](p.Env)
	if !ok {
		return nil
	}
	taken := 0
	return p.play(seed, func(m moment) error {
		if m.reset {
			taken = 0
			return nil
		}
		taken++
		if taken > limit.Limit() || taken == limit.Limit() && !m.outcome.Truncated {
			return fmt.Errorf("step %d of an episode isn't truncated, the limit is %d", taken, limit.Limit())
		}
		return nil
	})
}
