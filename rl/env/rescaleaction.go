package env

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/rl/env/spaces"
)

// A RescaleAction takes actions between bounds of its own and maps them linearly onto the environment's Box.
type RescaleAction struct {
	Env
	space               *spaces.Box
	gradient, intercept []float32
	rescaled            []float32
}

// NewRescaleAction wraps e, whose actions are a Box with finite bounds, so that they go from low to high.
func NewRescaleAction(e Env, low, high float32) (*RescaleAction, error) {
	inner, err := boxOf("RescaleAction", "actions", e.ActionSpace())
	if err != nil {
		return nil, err
	}
	if !(low < high) || math.IsInf(float64(low), 0) || math.IsInf(float64(high), 0) {
		return nil, fmt.Errorf("%w: RescaleAction: got bounds from %v to %v, want low < high, both finite", ErrOption, low, high)
	}
	space, err := spaces.NewBoxOf(low, high, spaces.Float32, inner.Shape()...)
	if err != nil {
		return nil, fmt.Errorf("%w: RescaleAction: %w", ErrSpace, err)
	}
	r := &RescaleAction{Env: e, space: space, rescaled: make([]float32, inner.Size())}
	for i := range inner.Low {
		width := float64(inner.High[i]) - float64(inner.Low[i])
		if !(width > 0) || math.IsInf(width, 0) {
			return nil, fmt.Errorf("%w: RescaleAction: action %d goes from %v to %v, want finite bounds that differ", ErrSpace, i, inner.Low[i], inner.High[i])
		}
		gradient := float32((float64(high) - float64(low)) / width)
		r.gradient = append(r.gradient, gradient)
		r.intercept = append(r.intercept, float32(float64(gradient*-inner.Low[i])+float64(low)))
	}
	return r, nil
}

// Unwrap gives the environment inside.
func (r *RescaleAction) Unwrap() Env { return r.Env }

// ActionSpace has the bounds of the constructor.
func (r *RescaleAction) ActionSpace() spaces.Space { return r.space }

// Step rescales the action: (action - intercept) / gradient.
func (r *RescaleAction) Step(observation, action []float32) (Outcome, error) {
	if err := CheckAction(r.space, action); err != nil {
		return Outcome{}, err
	}
	for i, v := range action {
		r.rescaled[i] = float32(v-r.intercept[i]) / r.gradient[i]
	}
	return r.Env.Step(observation, r.rescaled)
}
