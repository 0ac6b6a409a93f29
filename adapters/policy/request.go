package policy

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
)

// A Request is a question that holds everything its answer depends on.
type Request struct {
	Observation   Numbers  `json:"observation"`
	Deterministic *bool    `json:"deterministic"` // the likeliest action [true], or one drawn
	Seed          uint64   `json:"seed"`          // of what is drawn: Seed and the number of steps in Context choose it
	Context       []Past   `json:"context"`       // the episode's steps before, oldest first, for a policy that reads them
	Target        *float64 `json:"target"`        // the return that the episode is asked for; default the policy's own
}

// A Past is a step that has been taken.
type Past struct {
	Observation Numbers `json:"observation"`
	Action      Action  `json:"action"`
	Reward      float64 `json:"reward"`
}

// An Action is one as an Answer has it: a whole number or a list.
type Action Numbers

// UnmarshalJSON reads a number or a list of them.
func (a *Action) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] != '[' {
		raw = append(append([]byte{'['}, raw...), ']')
	}
	return (*Numbers)(a).UnmarshalJSON(raw)
}

// Act answers a request. It is what a session that has had the context's steps answers, and, without a context, what a fresh session does.
func (p *Policy) Act(r *Request) (*Answer, error) {
	if r.Observation == nil {
		return nil, adapter.Missing("observation")
	}
	if p.settings.Context == 0 && (len(r.Context) > 0 || r.Target != nil) {
		return nil, fmt.Errorf("got a context or a target, want none: the policy reads the observation alone")
	}
	s := p.NewSession(r.Seed)
	if r.Target != nil {
		s.Ask(*r.Target)
	}
	for i, step := range r.Context {
		if err := s.Recall(step.Observation, step.Action, step.Reward); err != nil {
			return nil, fmt.Errorf("context %d: %w", i, err)
		}
	}
	return s.answer(r.Observation, r.Deterministic == nil || *r.Deterministic)
}

// answer predicts the action for an observation.
func (s *Session) answer(observation []float32, deterministic bool) (*Answer, error) {
	action := make([]float32, s.p.actions.Size())
	d, err := s.Predict(action, observation, deterministic)
	if err != nil {
		return nil, err
	}
	a := &Answer{Action: Numbers(action), Probabilities: d.Probabilities, Value: d.Value, Fallback: d.Fallback, Episode: d.Episode, Step: d.Step, Decision: d}
	a.Verdict = calibration.Answer
	if d.Fallback {
		a.Verdict, a.Why = calibration.Abstain, calibration.OutOfScope
	}
	if s.p.actions.Discrete() {
		a.Action = int(action[0])
		if !d.Fallback {
			c := float64(d.Probabilities[int(action[0])-s.p.settings.Environment.Start])
			a.Confidence = &c
		}
	}
	return a, nil
}
