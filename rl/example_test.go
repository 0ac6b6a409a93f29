package rl_test

import (
	"fmt"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/nn"
)

// A fresh model for CartPole: features of one observation, then of a context of two steps whose last action isn't known yet.
func ExampleNew() {
	e, err := rl.Make("CartPole-v1")
	if err != nil {
		panic(err)
	}
	about, err := rl.NewEnvironment("CartPole-v1", e.ObservationSpace(), e.ActionSpace())
	if err != nil {
		panic(err)
	}
	c, err := rl.Preset("tiny", 8)
	if err != nil {
		panic(err)
	}
	c.Environments = []rl.Environment{about}
	m, err := rl.New(c, 1)
	if err != nil {
		panic(err)
	}
	s := m.Snapshot()

	features := make([]float32, s.Width())
	fmt.Println(s.Observe(features, 0, []float32{0.01, 0, 0.02, 0}, 1))

	w := rl.Window{
		Parts: rl.Returns | rl.Observations | rl.Actions, K: 2,
		Returns: []float32{500, 499}, Observations: []float32{0.01, 0, 0.02, 0, 0.01, 0.2, 0.02, -0.3}, Actions: []float32{1, 0},
	}
	y := make([]float32, w.Tokens()*s.Width())
	fmt.Println(s.Encode(y, 0, &w, &nn.Batch{B: 1, T: w.Tokens(), Lengths: []int32{5}, Causal: true}))
	fmt.Println(w.Tokens(), len(y))
	// Output:
	// <nil>
	// <nil>
	// 6 768
}

// A context that is read step by step: what was read before is remembered, not read anew.
func ExampleInference_Continue() {
	c, err := rl.Preset("tiny", 8)
	if err != nil {
		panic(err)
	}
	c.Environments = []rl.Environment{{ID: "CartPole-v1", Observation: []int{4}, Actions: 2}}
	m, err := rl.New(c, 1)
	if err != nil {
		panic(err)
	}
	s := m.Snapshot()
	memory, y := s.NewMemory(), make([]float32, s.Width())

	w := rl.Window{Parts: rl.Returns | rl.Observations | rl.Actions, K: 1, Returns: []float32{500}, Observations: []float32{0.01, 0, 0.02, 0}, Actions: []float32{0}}
	fmt.Println(s.Continue(y, 0, &w, 2, memory), memory.Len()) // the return and the observation; the action is to come

	w.K, w.Returns, w.Actions = 2, append(w.Returns, 499), []float32{1, 0}
	w.Observations = append(w.Observations, 0.01, 0.2, 0.02, -0.3)
	fmt.Println(s.Continue(y, 0, &w, 5, memory), memory.Len())
	// Output:
	// <nil> 2
	// <nil> 5
}
