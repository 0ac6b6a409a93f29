package policy

import (
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/rl"
)

// An Envelope is what observations a policy was trained on. One with a number that is not finite, or further outside the range of training than Margin times that range,
// is a stranger: the policy answers it with the fallback action and a flag. So it does where its own outputs aren't finite. Pictures have no bounds.
type Envelope struct {
	Low      []float32 `json:"low,omitempty"`      // [O] the least of each number in training; nil: only numbers that aren't finite are strange
	High     []float32 `json:"high,omitempty"`     // [O] and the most
	Margin   float64   `json:"margin"`             // share of High - Low
	Fallback []float32 `json:"fallback,omitempty"` // [A] action; nil: 0, or what of the actions is nearest to it
}

// DefaultMargin is how far outside its training a policy is trusted by default.
const DefaultMargin = 0.5

func (v *Envelope) validate(e *rl.Environment) error {
	n := len(v.Low)
	if n != len(v.High) || n != 0 && n != e.Size() {
		return fmt.Errorf("policy: %w: envelope: got %d and %d bounds, want none or %d", ErrSettings, n, len(v.High), e.Size())
	}
	for i, low := range v.Low {
		if !(low <= v.High[i]) || !finite(low) || !finite(v.High[i]) {
			return fmt.Errorf("policy: %w: envelope: number %d: got %g to %g, want finite ones, low <= high", ErrSettings, i, low, v.High[i])
		}
	}
	if !(v.Margin >= 0 && v.Margin <= 1e6) {
		return fmt.Errorf("policy: %w: envelope: margin: got %g, want 0 to 1e6", ErrSettings, v.Margin)
	}
	if v.Fallback == nil {
		return nil
	}
	if len(v.Fallback) != e.ActionSize() {
		return fmt.Errorf("policy: %w: envelope: fallback: got %d numbers, want %d", ErrSettings, len(v.Fallback), e.ActionSize())
	}
	for i, a := range v.Fallback {
		if e.Discrete() {
			if k := int(a) - e.Start; float32(int(a)) != a || k < 0 || k >= e.Actions {
				return fmt.Errorf("policy: %w: envelope: fallback: got %g, want %d to %d", ErrSettings, a, e.Start, e.Start+e.Actions-1)
			}
		} else if !(a >= e.Low[i] && a <= e.High[i]) {
			return fmt.Errorf("policy: %w: envelope: fallback: number %d: got %g, want %g to %g", ErrSettings, i, a, e.Low[i], e.High[i])
		}
	}
	return nil
}

// Widen makes the envelope hold observations [n, O].
func (v *Envelope) Widen(observations []float32, o int) {
	if v.Low == nil && len(observations) >= o {
		v.Low, v.High = slices.Clone(observations[:o]), slices.Clone(observations[:o])
	}
	for i, x := range observations {
		j := i % o
		v.Low[j], v.High[j] = min(v.Low[j], x), max(v.High[j], x)
	}
}

// Strange tells whether an observation [O] is none that the policy knows.
func (v *Envelope) Strange(observation []float32) bool {
	for i, x := range observation {
		if !finite(x) {
			return true
		}
		if v.Low == nil {
			continue
		}
		low, high := float64(v.Low[i]), float64(v.High[i])
		margin := float64(v.Margin * (high - low))
		if float64(x) < low-margin || float64(x) > high+margin {
			return true
		}
	}
	return false
}

// fallback writes the action for a stranger.
func (v *Envelope) fallback(action []float32, e *rl.Environment) {
	switch {
	case v.Fallback != nil:
		copy(action, v.Fallback)
	case e.Discrete():
		action[0] = float32(min(max(0, e.Start), e.Start+e.Actions-1))
	default:
		for i := range action {
			action[i] = min(max(0, e.Low[i]), e.High[i])
		}
	}
}

func finite(x float32) bool { return x-x == 0 }
