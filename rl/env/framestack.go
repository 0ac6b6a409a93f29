package env

import (
	"fmt"

	"github.com/fmkit/fmkit/rl/env/spaces"
)

// A FrameStack gives the last observations one after another, the oldest first: Gymnasium's FrameStackObservation. At the
// beginning of an episode the first observation stands in for those before it.
type FrameStack struct {
	Env
	space *spaces.Box
	one   int       // size of an observation
	stack []float32 // [n, one]
}

// NewFrameStack wraps e, whose observations are a Box, to give n at a time.
func NewFrameStack(e Env, n int) (*FrameStack, error) {
	inner, err := boxOf("FrameStack", "observations", e.ObservationSpace())
	if err != nil {
		return nil, err
	}
	if n < 1 || n > 1<<16 {
		return nil, fmt.Errorf("%w: FrameStack: got %d observations, want 1 to 65536", ErrOption, n)
	}
	space, err := inner.Stack(n)
	if err != nil {
		return nil, fmt.Errorf("%w: FrameStack: %w", ErrSpace, err)
	}
	return &FrameStack{Env: e, space: space, one: inner.Size(), stack: make([]float32, space.Size())}, nil
}

// Unwrap gives the environment inside.
func (f *FrameStack) Unwrap() Env { return f.Env }

// ObservationSpace has the shape [n, ...].
func (f *FrameStack) ObservationSpace() spaces.Space { return f.space }

// Reset begins an episode.
func (f *FrameStack) Reset(observation []float32, seed int64, options Options) (Info, error) {
	if err := checkReset(f.space, observation, seed); err != nil {
		return nil, err
	}
	last := observation[len(observation)-f.one:]
	info, err := f.Env.Reset(last, seed, options)
	if err != nil {
		return nil, err
	}
	for at := 0; at < len(f.stack); at += f.one {
		copy(f.stack[at:], last)
	}
	copy(observation, f.stack)
	return info, nil
}

// Step drops the oldest observation and adds the one that follows the action.
func (f *FrameStack) Step(observation, action []float32) (Outcome, error) {
	if len(observation) != len(f.stack) {
		return Outcome{}, lengthError(f.space, observation)
	}
	last := observation[len(observation)-f.one:]
	o, err := f.Env.Step(last, action)
	if err != nil {
		return o, err
	}
	copy(f.stack, f.stack[f.one:])
	copy(f.stack[len(f.stack)-f.one:], last)
	copy(observation, f.stack)
	return o, nil
}
