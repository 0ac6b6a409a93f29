package policy

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/adapter"
)

// A Line is a question in JSON.
type Line struct {
	ID          string   `json:"id"`
	Observation Numbers  `json:"observation"`
	Reward      *float64 `json:"reward"` // that the last action has brought, for a policy with a context
	Begin       bool     `json:"begin"`  // the observation is the first of an episode
	Target      *float64 `json:"target"` // with begin: the return to ask for
	Sample      *bool    `json:"sample"` // draw the action; without it as the session's caller has it
}

// An Answer is what a Line gets.
type Answer struct {
	ID            string  `json:"id,omitempty"`
	Action        any     `json:"action"`                  // a whole number, or a list
	Probabilities Numbers `json:"probabilities,omitempty"` // of whole numbers
	Value         float32 `json:"value"`
	Fallback      bool    `json:"fallback"` // the observation is none that the policy knows
	Episode       int     `json:"episode"`
	Step          int     `json:"step"`

	Verdict    string   `json:"verdict"`              // calibration.Answer, or calibration.Abstain with the fallback action
	Confidence *float64 `json:"confidence,omitempty"` // of whole numbers: the probability that the policy gives the action
	Why        string   `json:"why,omitempty"`        // of the fallback: calibration.OutOfScope

	Decision *Decision `json:"-"` // valid until the next line
}

// PredictJSON answers a line. The session's first line begins its first episode whether it says so or not.
func (s *Session) PredictJSON(_ context.Context, raw []byte, sample bool) (*Answer, error) {
	var l Line
	if err := adapter.ParseLine(raw, &l); err != nil {
		return nil, err
	}
	if l.Observation == nil {
		return nil, adapter.Missing("observation")
	}
	if l.Target != nil && !l.Begin {
		return nil, fmt.Errorf("%q goes with %q", "target", "begin")
	}
	if l.Reward != nil {
		s.Reward(*l.Reward)
	}
	if l.Begin {
		if target := s.p.settings.Target; s.step > 0 {
			s.Begin(target)
		}
		if l.Target != nil {
			s.toGo = *l.Target
		}
	}
	if l.Sample != nil {
		sample = *l.Sample
	}
	a, err := s.answer(l.Observation, !sample)
	if err != nil {
		return nil, err
	}
	a.ID = l.ID
	return a, nil
}
