package policy_test

import (
	"context"
	"fmt"
	"os"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/backbone"
)

// random is a policy that has learnt nothing: of a model and a head with random weights.
func random() (*policy.Policy, error) {
	e, err := rl.Make("Pendulum-v1")
	if err != nil {
		return nil, err
	}
	about, err := rl.NewEnvironment("Pendulum-v1", e.ObservationSpace(), e.ActionSpace())
	if err != nil {
		return nil, err
	}
	m, err := rl.New(rl.Config{Config: backbone.Config{Hidden: 16, Layers: 1, Heads: 2, Intermediate: 32}, Context: 1, Environments: []rl.Environment{about}}, 1)
	if err != nil {
		return nil, err
	}
	s := policy.Settings{Environment: about, Envelope: policy.Envelope{Low: []float32{-1, -1, -8}, High: []float32{1, 1, 8}, Margin: policy.DefaultMargin}}
	return policy.New(m, policy.NewHead(policy.Actions{About: &about}, m.Width(), 1), s)
}

// A policy acts step by step. What is far from its training gets the fallback action and a flag.
func ExamplePolicy_NewSession() {
	p, err := random() // policy.Load("pendulum", nil) for one that fm adapt policy has left
	if err != nil {
		panic(err)
	}
	s := p.NewSession(1)
	action := make([]float32, 1)
	for _, speed := range []float32{0.5, 500} {
		d, err := s.Predict(action, []float32{1, 0, speed}, true)
		if err != nil {
			panic(err)
		}
		fmt.Println(d.Step, action[0] >= -2 && action[0] <= 2, d.Fallback)
	}
	// Output:
	// 0 true false
	// 1 true true
}

func ExampleEvaluate() {
	p, err := random()
	if err != nil {
		panic(err)
	}
	s, err := policy.Evaluate(context.Background(), []*policy.Policy{p}, "Pendulum-v1", policy.EvaluateOptions{Episodes: 8, Seed: 1})
	if err != nil {
		panic(err)
	}
	fmt.Println(s.Episodes, s.Seeds, s.MeanLength, s.MeanReturn < -500, s.Interval["iqm"][0] < s.IQM)
	// Output:
	// 8 1 200 true true
}

// A log can be replayed: the policy makes every decision again, to the bit.
func ExamplePolicy_Replay() {
	p, err := random()
	if err != nil {
		panic(err)
	}
	file, err := os.CreateTemp("", "log")
	if err != nil {
		panic(err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	log, err := policy.NewLog(file, p, 5)
	if err != nil {
		panic(err)
	}
	_, err = policy.Evaluate(context.Background(), []*policy.Policy{p}, "Pendulum-v1", policy.EvaluateOptions{Episodes: 2, Seed: 5, Sample: true, Log: log})
	if err != nil {
		panic(err)
	}
	if _, err := file.Seek(0, 0); err != nil {
		panic(err)
	}
	fmt.Println(p.Replay(file))
	// Output:
	// 400 <nil>
}

func ExamplePolicy_Player() {
	p, err := random()
	if err != nil {
		fmt.Println(err)
		return
	}
	play, err := p.Player(1, true) // for trajectory.Record
	if err != nil {
		fmt.Println(err)
		return
	}
	actions := make([]float32, 2)
	err = play([]int64{7, 8}, []int{0, 0}, []float32{0, 0, 0.01, 0, 0, 0, -0.01, 0}, actions)
	fmt.Println(len(actions), err)
	// Output: 2 <nil>
}

// A request holds all that its answer depends on: nothing is kept between two.
func ExamplePolicy_Act() {
	p, err := random()
	if err != nil {
		fmt.Println(err)
		return
	}
	a, err := p.Act(&policy.Request{Observation: policy.Numbers{1, 0, 0.5}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(a.Decision.Action), a.Fallback)
	// Output: 1 false
}
