package classic

import (
	"math"

	"github.com/fmkit/fmkit/rl/env/spaces"
)

var inf = float32(math.Inf(1))

// discrete makes a space of n actions.
func discrete(n int) *spaces.Discrete {
	s, err := spaces.NewDiscrete(n)
	if err != nil {
		panic(err) // the environments' own bounds
	}
	return s
}

// box makes a space between bounds.
func box(low, high []float32) *spaces.Box {
	s, err := spaces.NewBox(low, high)
	if err != nil {
		panic(err) // the environments' own bounds
	}
	return s
}

// symmetric makes a space from -high to high.
func symmetric(high []float32) *spaces.Box {
	low := make([]float32, len(high))
	for i, v := range high {
		low[i] = -v
	}
	return box(low, high)
}

// carSpace is that of both cars' observations.
func carSpace() *spaces.Box {
	return box([]float32{float32(carMin), float32(-carMaxSpeed)}, []float32{float32(carMax), float32(carMaxSpeed)})
}
