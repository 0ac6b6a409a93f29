package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/fmkit/fmkit/rl"
)

// ErrSettings: a setting is out of range, or does not go with the model; the error names it.
var ErrSettings = errors.New("bad settings")

// Settings are what a policy has besides its weights. The passport holds them.
type Settings struct {
	Environment rl.Environment  `json:"environment"`          // with the mean and deviation that observations are standardised by
	Context     int             `json:"context,omitempty"`    // K, the steps of return to go, observation and action that it reads; 0: the observation alone
	Target      float64         `json:"target,omitempty"`     // with a context: the return that it is asked for unless the caller asks for another
	Envelope    Envelope        `json:"envelope"`             // what observations it knows
	Model       json.RawMessage `json:"model,omitempty"`      // config.json of the base where that is no trained model but random weights
	ModelSeed   uint64          `json:"model_seed,omitempty"` // of those
}

// Validate reports what is out of range.
func (s *Settings) Validate() error {
	if err := s.Environment.Validate(); err != nil {
		return fmt.Errorf("policy: %w: %w", ErrSettings, err)
	}
	if s.Context < 0 || s.Context > maxContext {
		return fmt.Errorf("policy: %w: context: got %d, want 0 to %d", ErrSettings, s.Context, maxContext)
	}
	if math.IsNaN(s.Target) || math.IsInf(s.Target, 0) {
		return fmt.Errorf("policy: %w: target: got %v, want a finite number", ErrSettings, s.Target)
	}
	return s.Envelope.validate(&s.Environment)
}

// maxContext bounds the steps that a policy reads.
const maxContext = 1 << 12

// parts are the tokens of a step.
func (s *Settings) parts() rl.Parts {
	if s.Context == 0 {
		return rl.Observations
	}
	return rl.Returns | rl.Observations | rl.Actions
}
