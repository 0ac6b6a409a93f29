package rl

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/classic"
	"github.com/fmkit/fmkit/rl/env/sortingcell"
	"github.com/fmkit/fmkit/rl/env/vector"
)

// ErrUnknown means a name that no environment has.
var ErrUnknown = errors.New("rl: unknown environment")

// A Spec is an environment under its name.
type Spec struct {
	ID              string
	MaxEpisodeSteps int
	RewardThreshold *float64        // a mean return that counts as solved, nil where there is none
	New             env.Constructor // without a time limit
	Scripted        env.Policy      // a policy to compare with, nil where there is none

	newVector func(n, limit int, mode vector.Autoreset) (vector.Env, error) // a fast path, nil where there is none
}

// Specs are all environments with a name, with Gymnasium's names, limits and thresholds where they are Gymnasium's.
func Specs() []Spec {
	cartPole := func() (env.Env, error) { return classic.NewCartPole(classic.CartPoleConfig{}), nil }
	return []Spec{
		{"CartPole-v0", 200, solved(195), cartPole, classic.ScriptedCartPole, classic.NewCartPoleVector},
		{"CartPole-v1", 500, solved(475), cartPole, classic.ScriptedCartPole, classic.NewCartPoleVector},
		{
			"MountainCar-v0", 200, solved(-110),
			func() (env.Env, error) { return classic.NewMountainCar(classic.MountainCarConfig{}), nil },
			classic.ScriptedMountainCar, classic.NewMountainCarVector,
		},
		{
			"MountainCarContinuous-v0", 999, solved(90),
			func() (env.Env, error) {
				return classic.NewMountainCarContinuous(classic.MountainCarContinuousConfig{}), nil
			},
			classic.ScriptedMountainCarContinuous, classic.NewMountainCarContinuousVector,
		},
		{
			"Acrobot-v1", 500, solved(-100), func() (env.Env, error) { return classic.NewAcrobot(), nil },
			classic.ScriptedAcrobot, classic.NewAcrobotVector,
		},
		{
			"Pendulum-v1", 200, nil, func() (env.Env, error) { return classic.NewPendulum(classic.PendulumConfig{}), nil },
			classic.ScriptedPendulum, classic.NewPendulumVector,
		},
		{
			"SortingCell-v0", 600, solved(19), func() (env.Env, error) { return sortingcell.New(sortingcell.Config{}) },
			sortingcell.Scripted, nil,
		},
		{
			"SortingCellCamera-v0", 600, solved(19),
			func() (env.Env, error) { return sortingcell.New(sortingcell.Config{Camera: true}) },
			nil, nil,
		},
	}
}

func solved(threshold float64) *float64 { return &threshold }

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

// Make makes the environment of a name, with its time limit and the checks of env.Check. An environment of your own comes from your
// constructor by Wrap.
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

// MakeVector makes n environments of a name side by side, each with the bits that it has alone.
func MakeVector(id string, n int, mode vector.Autoreset) (vector.Env, error) {
	s, err := Find(id)
	if err != nil {
		return nil, err
	}
	if s.newVector != nil {
		return s.newVector(n, s.MaxEpisodeSteps, mode)
	}
	return vector.New(func() (env.Env, error) { return Wrap(s.New, s.MaxEpisodeSteps) }, n, mode)
}
