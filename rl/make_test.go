package rl_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
)

func TestMake(t *testing.T) {
	for _, s := range rl.Specs() {
		e, err := rl.Make(s.ID)
		if err != nil {
			t.Fatal(err)
		}
		l, ok := env.As[*env.TimeLimit](e)
		if !ok || l.Limit() != s.MaxEpisodeSteps {
			t.Errorf("%s has no limit of %d steps", s.ID, s.MaxEpisodeSteps)
		}
		if _, ok := e.(*env.Checked); !ok {
			t.Errorf("%s isn't checked", s.ID)
		}
	}
	for _, id := range []string{"", "CartPole", "cartpole-v1", "CartPole-v2"} {
		if _, err := rl.Make(id); !errors.Is(err, rl.ErrUnknown) {
			t.Errorf("Make(%q): got %v, want %v", id, err, rl.ErrUnknown)
		}
	}
	failed := errors.New("no licence")
	if _, err := rl.Wrap(func() (env.Env, error) { return nil, failed }, 10); !errors.Is(err, failed) {
		t.Errorf("Wrap: got %v, want %v", err, failed)
	}
	if _, err := rl.Wrap(rl.Specs()[0].New, -1); !errors.Is(err, env.ErrOption) {
		t.Errorf("Wrap with a negative limit: got %v, want %v", err, env.ErrOption)
	}
}

// A pole that is pushed to where it leans falls late.
func ExampleMake() {
	e, err := rl.Make("CartPole-v1")
	if err != nil {
		panic(err)
	}
	observation, action := make([]float32, e.ObservationSpace().Size()), make([]float32, 1)
	if _, err := e.Reset(observation, 42, nil); err != nil {
		panic(err)
	}
	for steps := 1; ; steps++ {
		action[0] = 0
		if observation[2]+observation[3] > 0 {
			action[0] = 1
		}
		o, err := e.Step(observation, action)
		if err != nil {
			panic(err)
		}
		if o.Done() {
			fmt.Println(steps, o.Terminated, o.Truncated)
			return
		}
	}
	// Output: 500 false true
}
