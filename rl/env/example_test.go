package env_test

import (
	"fmt"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/classic"
)

// Wrappers go around an environment, the checks outermost.
func ExampleCheck() {
	limit, err := env.NewTimeLimit(classic.NewPendulum(classic.PendulumConfig{}), 200)
	if err != nil {
		panic(err)
	}
	rescaled, err := env.NewRescaleAction(limit, -1, 1)
	if err != nil {
		panic(err)
	}
	e := env.Check(rescaled)
	observation := make([]float32, e.ObservationSpace().Size())
	if _, err := e.Reset(observation, 7, nil); err != nil {
		panic(err)
	}
	o, err := e.Step(observation, []float32{0.5})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f %.3f %v\n", observation, o.Reward, o.Done())
	_, err = e.Step(observation, nil)
	fmt.Println(err)
	// Output:
	// [0.653 0.758 1.475] -0.682 false
	// env: invalid action: got 0 numbers, want 1
}
