package rl

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/classic"
)

// ErrUnknown means a name that no environment has.
var ErrUnknown = errors.New("rl: unknown environment")

// A Spec is an environment under its name.
type Spec struct {
	ID              string
	MaxEpisodeSteps int
	RewardThreshold float64 // a mean return that counts as solved, where HasThreshold
	HasThreshold    bool
	New             env.Constructor // without a time limit
}

// Specs are all environments with a name, with Gymnasium's names, limits and thresholds where they are Gymnasium's.
func Specs() []Spec {
	cartPole := func() (env.Env, error) { return classic.NewCartPole(classic.CartPoleConfig{}), nil }
	return []Spec{
		{"CartPole-v0", 200, 195, true, cartPole},
		{"CartPole-v1", 500, 475, true, cartPole},
		{"MountainCar-v0", 200, -110, true, func() (env.Env, error) { return classic.NewMountainCar(classic.MountainCarConfig{}), nil }},
		{"MountainCarContinuous-v0", 999, 90, true, func() (env.Env, error) {
			return classic.NewMountainCarContinuous(classic.MountainCarContinuousConfig{}), nil
		}},
		{"Acrobot-v1", 500, -100, true, func() (env.Env, error) { return classic.NewAcrobot(), nil }},
		{"Pendulum-v1", 200, 0, false, func() (env.Env, error) { return classic.NewPendulum(classic.PendulumConfig{}), nil }},
	}
}

// Find gives the environment of a name.
func Find(id string) (Spec, error) {
	var ids []string
	for _, s := range Specs() {
		if s.ID == id {
			return s, nil
		}
		ids = append(ids, s.ID)
	}
	return Spec{}, fmt.Errorf("%w: got %q, want one of %s", ErrUnknown, id, strings.Join(ids, ", "))
}

// Make makes the environment of a name, with its time limit and the checks of env.Check. Make an environment of your own from its
// constructor, by Wrap.
func Make(id string) (env.Env, error) {
	s, err := Find(id)
	if err != nil {
		return nil, err
	}
	return Wrap(s.New, s.MaxEpisodeSteps)
}

// Wrap makes an environment with a time limit, none for 0, and the checks of env.Check.
func Wrap(constructor env.Constructor, maxEpisodeSteps int) (env.Env, error) {
	e, err := constructor()
	if err != nil {
		return nil, err
	}
	if maxEpisodeSteps != 0 {
		if e, err = env.NewTimeLimit(e, maxEpisodeSteps); err != nil {
			return nil, err
		}
	}
	return env.Check(e), nil
}
