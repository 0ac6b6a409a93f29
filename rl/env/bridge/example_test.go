//go:build unix

package bridge_test

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/bridge"
	"github.com/fmkit/fmkit/rl/env/vector"
)

// An environment of Python's is as one of ours. (It needs gymnasium, so it isn't run here.)
func ExampleNew() {
	e, err := bridge.New(context.Background(), bridge.Config{ID: "LunarLander-v3", Kwargs: map[string]any{"gravity": -5}})
	if err != nil {
		panic(err)
	}
	defer e.Close()
	observation, action := make([]float32, e.ObservationSpace().Size()), make([]float32, e.ActionSpace().Size())
	if _, err := e.Reset(observation, 1, nil); err != nil {
		panic(err)
	}
	policy := env.RandomPolicy(e.ActionSpace(), 1)
	for done := false; !done; {
		policy(observation, action)
		o, err := e.Step(observation, action)
		if err != nil {
			panic(err)
		}
		fmt.Println(observation, o.Reward)
		done = o.Done()
	}
}

// Four processes step at the same time.
func ExampleNewVector() {
	v, err := bridge.NewVector(context.Background(), bridge.Config{ID: "CartPole-v1"}, 4, vector.SameStep)
	if err != nil {
		panic(err)
	}
	defer v.Close()
	b := vector.NewBatch(v)
	if err := v.Reset(b, 1, nil); err != nil {
		panic(err)
	}
	if err := v.Step(b, []float32{0, 1, 0, 1}); err != nil {
		panic(err)
	}
	fmt.Println(b.Rewards)
}
