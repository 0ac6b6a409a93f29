package env

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/rl/env/spaces"
)

// A ClipAction takes any numbers for actions and clips them to the bounds of the environment's Box.
type ClipAction struct {
	Env
	space, inner *spaces.Box
	clipped      []float32
}

// NewClipAction wraps e, whose actions are a Box.
func NewClipAction(e Env) (*ClipAction, error) {
	inner, err := boxOf("ClipAction", "actions", e.ActionSpace())
	if err != nil {
		return nil, err
	}
	inf := float32(math.Inf(1))
	space, err := spaces.NewBoxOf(-inf, inf, spaces.Float32, inner.Shape()...)
	if err != nil {
		return nil, fmt.Errorf("%w: ClipAction: %w", ErrSpace, err)
	}
	return &ClipAction{Env: e, space: space, inner: inner, clipped: make([]float32, inner.Size())}, nil
}

// Unwrap gives the environment inside.
func (c *ClipAction) Unwrap() Env { return c.Env }

// ActionSpace is without bounds.
func (c *ClipAction) ActionSpace() spaces.Space { return c.space }

// Step clips the action.
func (c *ClipAction) Step(observation, action []float32) (Outcome, error) {
	if err := CheckAction(c.space, action); err != nil {
		return Outcome{}, err
	}
	for i, v := range action {
		c.clipped[i] = min(max(v, c.inner.Low[i]), c.inner.High[i])
	}
	return c.Env.Step(observation, c.clipped)
}

// boxOf gives a space that a wrapper needs to be a Box.
func boxOf(wrapper, of string, s spaces.Space) (*spaces.Box, error) {
	b, ok := s.(*spaces.Box)
	if !ok {
		return nil, fmt.Errorf("%w: %s: got %s %v, want a Box", ErrSpace, wrapper, of, s)
	}
	return b, nil
}
