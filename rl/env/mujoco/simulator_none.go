//go:build !mujoco

package mujoco

// A simulator is the library; here there is none.
type simulator struct {
	timestep float64
	fault    error
}

func newSimulator(string, task, *state, []float64, []float64) (*simulator, error) {
	return nil, ErrUnavailable
}

func (*simulator) set(*state) error { return ErrUnavailable }

func (*simulator) step(*state, []float64, int) error { return ErrUnavailable }

// Version is that of the library, "" without one.
func Version() string { return "" }
