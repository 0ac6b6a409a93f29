package main

import (
	"fmt"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/classic"
)

// Changes of physics.
const (
	heavier   = 12. // gravity of Pendulum-v1, 10 otherwise
	faster    = 25. // millimetres that the belt of SortingCell-v0 moves in a step, 20 otherwise
	faultyOne = 5   // every so manieth push of CartPole-v1 goes the other way
)

// physics makes an environment, as it is or changed.
func physics(id string, changed bool) (env.Env, error) {
	if !changed {
		return rl.Make(id)
	}
	s, err := rl.Find(id)
	if err != nil {
		return nil, err
	}
	switch id {
	case "Pendulum-v1":
		return rl.Wrap(func() (env.Env, error) { return classic.NewPendulum(classic.PendulumConfig{Gravity: heavier}), nil }, s.MaxEpisodeSteps)
	case "SortingCell-v0":
		e, err := rl.Make(id)
		return &optioned{e, env.Options{"speed": faster}}, err
	case "CartPole-v1":
		e, err := rl.Make(id)
		return &faulty{Env: e}, err
	}
	return nil, fmt.Errorf("there is no change of the physics of %s", id)
}

// optioned resets with options.
type optioned struct {
	env.Env
	options env.Options
}

// Reset begins an episode with the options.
func (o *optioned) Reset(observation []float32, seed int64, _ env.Options) (env.Info, error) {
	return o.Env.Reset(observation, seed, o.options)
}

// faulty has a motor that pushes the wrong way now and then: of two actions it takes the other one.
type faulty struct {
	env.Env
	steps int
}

// Reset begins an episode with a sound step.
func (f *faulty) Reset(observation []float32, seed int64, o env.Options) (env.Info, error) {
	f.steps = 0
	return f.Env.Reset(observation, seed, o)
}

// Step takes the action, or the other one.
func (f *faulty) Step(observation, action []float32) (env.Outcome, error) {
	if f.steps++; f.steps%faultyOne == 0 {
		return f.Env.Step(observation, []float32{1 - action[0]})
	}
	return f.Env.Step(observation, action)
}
