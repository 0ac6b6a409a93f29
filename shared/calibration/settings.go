package calibration

import (
	"errors"
	"fmt"
)

// ErrSettings: a setting or a stored calibration is out of range; the error names it.
var ErrSettings = errors.New("bad calibration")

// Settings say from what an adapter's calibration is learnt and what it promises. The zero value is none. Recipes have it as JSON.
type Settings struct {
	Share           float64 `json:"share"`                        // of the examples held back: it is learnt from these, and the others are scored on
	Folds           int     `json:"folds,omitempty"`              // where too few are held back, it is learnt from the training examples by cross-fitting in so many parts; 0: not at all
	Coverage        float64 `json:"coverage"`                     // share of inputs of the adapter's kind that is answered
	ConfidenceLevel float64 `json:"confidence_level"`             // chance that the set of labels holds the true one
	OutOfScope      string  `json:"out_of_scope_label,omitempty"` // label of examples that are none of the classes: they aren't trained on, and say where abstaining begins
}

// Default is half of what is held back, nine of ten inputs answered, and sets that are right nine times of ten.
func Default() Settings { return Settings{Share: 0.5, Coverage: 0.9, ConfidenceLevel: 0.9} }

// Least is how many examples a calibration takes: with fewer the thresholds say little.
const Least = 50

// Validate reports what is out of range.
func (s *Settings) Validate() error {
	if *s == (Settings{}) {
		return nil
	}
	for _, f := range []struct {
		name           string
		got, low, high float64
	}{
		{"share", s.Share, 0, 0.9},
		{"folds", float64(s.Folds), 0, 100},
		{"coverage", s.Coverage, 0.05, 0.95},
		{"confidence_level", s.ConfidenceLevel, 0.05, 0.98},
	} {
		if !(f.got >= f.low && f.got <= f.high) {
			return fmt.Errorf("%w: %s: got %v, want %v to %v", ErrSettings, f.name, f.got, f.low, f.high)
		}
	}
	if s.Folds == 1 {
		return fmt.Errorf("%w: folds: got 1, want 0 or at least 2", ErrSettings)
	}
	return nil
}
