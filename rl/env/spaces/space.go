// Package spaces says what observations and actions look like, with the names and the random elements of gymnasium.spaces
// (Gymnasium 1.4.0).
//
// An element of any space is a flat []float32: the values of a Box row by row, the whole number of a Discrete, those of a
// MultiDiscrete, and the elements of a Dict's spaces one after another in the order of their keys. So observations and actions of all
// environments, and of many side by side, lie in plain slices. float32 holds whole numbers up to 2^24, which bounds the sizes.
//
// Gymnasium's Box has many types of numbers, here it has two, float32 and uint8; spaces that are seldom used (Text, Graph, Sequence,
// OneOf) are missing, and Tuple is a Dict with other names.
package spaces

import (
	"errors"
	"fmt"

	"github.com/fmkit/fmkit/rl/env/nprandom"
)

// ErrSpace means that a space can't be: bounds that cross, no numbers.
var ErrSpace = errors.New("spaces: a space that can't be")

// maxWhole is how many whole numbers from 0 on float32 holds, and maxSize bounds a space's length.
const (
	maxWhole = 1 << 24
	maxSize  = 1 << 28
)

// A Space is a set that observations or actions are from.
type Space interface {
	// Size is the length of an element.
	Size() int
	// Shape is the element's shape as Gymnasium has it: nil for a Dict, empty for a Discrete.
	Shape() []int
	// Contains tells whether x is an element.
	Contains(x []float32) bool
	// Seed starts the space's random numbers, as Gymnasium's Space.seed does. A space without a seed draws as after Seed(0); two
	// spaces never share a stream.
	Seed(seed uint64)
	// Sample writes a random element, the one that Gymnasium draws after the same seed, to x, which has length Size.
	Sample(x []float32)
	// FlatSize is the length of what Flatten writes.
	FlatSize() int
	// Flatten writes x as numbers fit for a network, as gymnasium.spaces.flatten does: whole numbers become one-hot. The slices have
	// lengths FlatSize and Size.
	Flatten(flat, x []float32)
	// String describes the space in Gymnasium's words.
	String() string
}

// A stream is a space's random numbers.
type stream struct{ rng *nprandom.Generator }

// Seed starts the random numbers that Sample draws.
func (s *stream) Seed(seed uint64) { s.rng = nprandom.New(seed) }

func (s *stream) random() *nprandom.Generator {
	if s.rng == nil {
		s.Seed(0)
	}
	return s.rng
}

func errorf(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrSpace, fmt.Sprintf(format, args...))
}

// oneHot writes n zeros and a one at i.
func oneHot(flat []float32, i int) {
	clear(flat)
	if i >= 0 && i < len(flat) {
		flat[i] = 1
	}
}
