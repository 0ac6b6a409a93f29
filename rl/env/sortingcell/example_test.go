package sortingcell_test

import (
	"fmt"

	"github.com/fmkit/fmkit/rl/env/sortingcell"
)

// A batch of five, sorted by the scripted policy.
func ExampleNew() {
	cell, err := sortingcell.New(sortingcell.Config{})
	if err != nil {
		panic(err)
	}
	observation, action := make([]float32, cell.ObservationSpace().Size()), make([]float32, 1)
	if _, err := cell.Reset(observation, 1, map[string]float64{"parts": 5}); err != nil {
		panic(err)
	}
	for steps, sum := 1, 0.0; ; steps++ {
		sortingcell.Scripted(observation, action)
		o, err := cell.Step(observation, action)
		if err != nil {
			panic(err)
		}
		if sum += o.Reward; o.Done() {
			fmt.Println(sum, steps)
			return
		}
	}
	// Output: 5 110
}
