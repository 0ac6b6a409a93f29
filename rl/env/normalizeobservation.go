package env

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/rl/env/spaces"
)

// A NormalizeObservation shifts and scales observations to mean 0 and variance 1, by all that it has seen so far.
type NormalizeObservation struct {
	Env
	Frozen bool // what is seen no longer counts, as for a score

	space   *spaces.Box
	seen    running[float32]
	epsilon float64
}

// NewNormalizeObservation wraps e, whose observations are a Box. Epsilon is added to the variance; 0 is Gymnasium's 1e-8.
func NewNormalizeObservation(e Env, epsilon float64) (*NormalizeObservation, error) {
	inner, err := boxOf("NormalizeObservation", "observations", e.ObservationSpace())
	if err != nil {
		return nil, err
	}
	if epsilon, err = positive("NormalizeObservation", epsilon); err != nil {
		return nil, err
	}
	inf := float32(math.Inf(1))
	space, err := spaces.NewBoxOf(-inf, inf, spaces.Float32, inner.Shape()...)
	if err != nil {
		return nil, fmt.Errorf("%w: NormalizeObservation: %w", ErrSpace, err)
	}
	return &NormalizeObservation{Env: e, space: space, seen: newRunning[float32](inner.Size()), epsilon: epsilon}, nil
}

// Unwrap gives the environment inside.
func (n *NormalizeObservation) Unwrap() Env { return n.Env }

// ObservationSpace is without bounds.
func (n *NormalizeObservation) ObservationSpace() spaces.Space { return n.space }

// Reset begins an episode.
func (n *NormalizeObservation) Reset(observation []float32, seed int64, options Options) (Info, error) {
	info, err := n.Env.Reset(observation, seed, options)
	if err == nil {
		n.normalize(observation)
	}
	return info, err
}

// Step goes on with the episode.
func (n *NormalizeObservation) Step(observation, action []float32) (Outcome, error) {
	o, err := n.Env.Step(observation, action)
	if err == nil {
		n.normalize(observation)
	}
	return o, err
}

func (n *NormalizeObservation) normalize(x []float32) {
	if !n.Frozen {
		n.seen.update(x)
	}
	for i := range x {
		x[i] = (x[i] - n.seen.mean[i]) / n.seen.deviation(i, n.epsilon)
	}
}

// positive gives epsilon, or the usual one for 0.
func positive(wrapper string, epsilon float64) (float64, error) {
	if epsilon == 0 {
		return 1e-8, nil
	}
	if !(epsilon > 0) || math.IsInf(epsilon, 0) {
		return 0, fmt.Errorf("%w: %s: got epsilon %v, want a positive number", ErrOption, wrapper, epsilon)
	}
	return epsilon, nil
}
