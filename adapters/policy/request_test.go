package policy

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/random"
)

// TestAct holds that a request with its context gets what a session answers in its course, drawn or not, for policies with and without a context, and past strange observations.
func TestAct(t *testing.T) {
	for _, c := range []struct {
		id      string
		context int
	}{{"CartPole-v1", 0}, {"CartPole-v1", 3}, {"Pendulum-v1", 3}} {
		for _, deterministic := range []bool{true, false} {
			p := newPolicy(t, c.id, c.context)
			s, r, past := p.NewSession(7), random.New(2), []Past{}
			e := p.Settings().Environment
			if c.context > 0 {
				s.Ask(3)
			}
			for step := range 9 {
				o := make(Numbers, e.Size())
				for i := range o {
					o[i] = float32(r.Normal())
				}
				if step == 4 {
					o[0] = float32(math.NaN())
				}
				target := 3.0
				q := &Request{Observation: o, Deterministic: &deterministic, Seed: 7, Context: past, Target: &target}
				if c.context == 0 {
					q.Context, q.Target = nil, nil
					if !deterministic && step > 0 {
						break // nothing says which step it is
					}
				}
				got, err := p.Act(q)
				if err != nil {
					t.Fatal(err)
				}
				want, err := s.answer(o, deterministic)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got.Action, want.Action) || got.Value != want.Value || got.Fallback != want.Fallback || got.Fallback != (step == 4) {
					t.Errorf("%s, context %d, step %d: got %+v, want %+v", c.id, c.context, step, got, want)
				}
				reward := r.Normal()
				s.Reward(reward)
				past = append(past, Past{Observation: o, Action: Action(want.Decision.Action.clone()), Reward: reward})
			}
		}
	}
}

func (n Numbers) clone() Numbers { return append(Numbers(nil), n...) }

// TestActBadInput holds that requests that make no sense are refused with a reason.
func TestActBadInput(t *testing.T) {
	alone, reads := newPolicy(t, "CartPole-v1", 0), newPolicy(t, "CartPole-v1", 3)
	for body, want := range map[string]string{
		`{}`:                   "observation",
		`{"observation": [1]}`: "4",
		`{"observation": [0,0,0,0], "context": [{"observation": [0,0,0], "action": 1, "reward": 1}]}`:       "context 0",
		`{"observation": [0,0,0,0], "context": [{"observation": [0,0,0,0], "action": 2, "reward": 1}]}`:     "from 0 to 1",
		`{"observation": [0,0,0,0], "context": [{"observation": [0,0,0,0], "action": 0.5, "reward": 1}]}`:   "whole number",
		`{"observation": [0,0,0,0], "context": [{"observation": [0,0,0,0], "action": 1e30, "reward": 1}]}`:  "whole number",
		`{"observation": [0,0,0,0], "context": [{"observation": [0,0,0,0], "action": "NaN", "reward": 1}]}`: "finite",
		`{"observation": [0,0,0,0], "context": [{"observation": [0,0,0,0], "reward": 1}]}`:                  "action of 1",
	} {
		var r Request
		if err := json.Unmarshal([]byte(body), &r); err != nil {
			t.Fatal(err)
		}
		if _, err := reads.Act(&r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", body, err, want)
		}
	}
	one := 1.0
	for _, r := range []*Request{{Observation: make(Numbers, 4), Target: &one}, {Observation: make(Numbers, 4), Context: make([]Past, 1)}} {
		if _, err := alone.Act(r); err == nil {
			t.Errorf("%+v: got an answer of a policy without a context", r)
		}
	}
}
