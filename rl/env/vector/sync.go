package vector

import (
	"fmt"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/spaces"
)

// A Sync is any environments, stepped one after another: Gymnasium's SyncVectorEnv.
type Sync struct {
	envs         []env.Env
	mode         Autoreset
	ended        []bool // with NextStep: it begins anew in the next step
	observation  int    // size of one
	action       int
	observations spaces.Space
	actions      spaces.Space
	ready        bool
	each         func(n int, f func(i int) error) error // how it goes through the environments
}

// New makes n environments with the constructor.
func New(constructor env.Constructor, n int, mode Autoreset) (*Sync, error) {
	s := &Sync{}
	if err := s.make(constructor, n, mode, inTurn); err != nil {
		return nil, err
	}
	return s, nil
}

// make fills s.
func (s *Sync) make(constructor env.Constructor, n int, mode Autoreset, each func(int, func(int) error) error) error {
	if err := CheckSize(n, mode); err != nil {
		return err
	}
	s.envs, s.ended, s.mode, s.each = make([]env.Env, n), make([]bool, n), mode, each
	err := each(n, func(i int) error {
		e, err := constructor()
		if err != nil {
			return fmt.Errorf("vector: environment %d: %w", i, err)
		}
		s.envs[i] = e
		return nil
	})
	if err != nil {
		return err
	}
	s.observations, s.actions = s.envs[0].ObservationSpace(), s.envs[0].ActionSpace()
	s.observation, s.action = s.observations.Size(), s.actions.Size()
	for i, e := range s.envs {
		if e.ObservationSpace().Size() != s.observation || e.ActionSpace().Size() != s.action {
			return fmt.Errorf("%w: environment %d has spaces of other sizes than the first", env.ErrSpace, i)
		}
	}
	return nil
}

// N is how many environments there are.
func (s *Sync) N() int { return len(s.envs) }

// ObservationSpace is that of one environment.
func (s *Sync) ObservationSpace() spaces.Space { return s.observations }

// ActionSpace is that of one environment.
func (s *Sync) ActionSpace() spaces.Space { return s.actions }

// Reset begins an episode in every environment.
func (s *Sync) Reset(b *Batch, seed int64, options env.Options) error {
	if err := b.Check(s, nil); err != nil {
		return err
	}
	if seed == env.Continue && !s.ready {
		seed = 0
	}
	err := s.each(len(s.envs), func(i int) error {
		of := seed
		if of >= 0 {
			of += int64(i)
		}
		info, err := s.envs[i].Reset(s.row(b.Observations, i), of, options)
		if err != nil {
			return fmt.Errorf("vector: environment %d: %w", i, err)
		}
		s.ended[i] = false
		b.set(i, env.Outcome{Info: info})
		return nil
	})
	s.ready = s.ready || err == nil
	return err
}

// Step takes an action in every environment.
func (s *Sync) Step(b *Batch, actions []float32) error {
	if !s.ready {
		return fmt.Errorf("%w: got a step before the first reset", env.ErrResetNeeded)
	}
	if err := b.Check(s, actions); err != nil {
		return err
	}
	for i := range s.envs {
		if err := env.CheckAction(s.actions, s.of(actions, i)); err != nil {
			return fmt.Errorf("vector: environment %d: %w", i, err)
		}
	}
	return s.each(len(s.envs), func(i int) error {
		o, err := s.step(b, i, s.of(actions, i))
		if err != nil {
			return fmt.Errorf("vector: environment %d: %w", i, err)
		}
		b.set(i, o)
		return nil
	})
}

// step is that of one environment.
func (s *Sync) step(b *Batch, i int, action []float32) (env.Outcome, error) {
	observation := s.row(b.Observations, i)
	if s.ended[i] {
		info, err := s.envs[i].Reset(observation, env.Continue, nil)
		s.ended[i] = err != nil
		return env.Outcome{Info: info}, err
	}
	o, err := s.envs[i].Step(observation, action)
	if err != nil || !o.Done() {
		return o, err
	}
	if s.mode == NextStep {
		s.ended[i] = true
		return o, nil
	}
	copy(s.row(b.Final, i), observation)
	_, err = s.envs[i].Reset(observation, env.Continue, nil)
	return o, err
}

func (s *Sync) row(x []float32, i int) []float32 {
	return x[i*s.observation:][:s.observation:s.observation]
}

func (s *Sync) of(actions []float32, i int) []float32 {
	return actions[i*s.action:][:s.action:s.action]
}

// set writes what a step gave but for its observation.
func (b *Batch) set(i int, o env.Outcome) {
	b.Rewards[i], b.Terminated[i], b.Truncated[i], b.Infos[i] = o.Reward, o.Terminated, o.Truncated, o.Info
}
