package rl_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/rl"
)

// TestHistories: of a long history the last steps count, and what isn't known isn't read.
func TestHistories(t *testing.T) {
	m := smallModel(t)
	s := m.Snapshot()
	for i := range m.Config.Environments {
		e := &m.Config.Environments[i]
		w := window(e, allParts, 1, 7, 11)
		o, a := e.Size(), e.ActionSize()
		act := func(h rl.History) []float32 {
			t.Helper()
			y := make([]float32, a)
			if err := s.Act(y, i, h); err != nil {
				t.Fatal(err)
			}
			return y
		}
		forward := func(h rl.History) []float32 {
			t.Helper()
			y := make([]float32, e.Targets())
			if err := s.Forward(y, i, h); err != nil {
				t.Fatal(err)
			}
			return y
		}
		long := act(rl.History{Returns: w.Returns, Observations: w.Observations, Actions: w.Actions[:6*a]})
		short := act(rl.History{Returns: w.Returns[3:], Observations: w.Observations[3*o:], Actions: w.Actions[3*a : 6*a]})
		if !slices.Equal(long, short) || e.Discrete() && (long[0] < float32(e.Start) || long[0] >= float32(e.Start+e.Actions)) {
			t.Errorf("%s: acts %v after a long history, %v after its end", e.ID, long, short)
		}
		if !slices.Equal(forward(rl.History{Observations: w.Observations, Actions: w.Actions}), forward(rl.History{Observations: w.Observations[4*o:], Actions: w.Actions[4*a:]})) {
			t.Errorf("%s: expects otherwise after a long history", e.ID)
		}
		// A score is the distance of the next observation from the one expected.
		scores := make([]float64, 6)
		if err := s.Anomaly(scores, i, w.Observations, w.Actions[:6*a]); err != nil {
			t.Fatal(err)
		}
		got, want := make([]float32, e.Targets()), make([]float32, e.Targets())
		e.PutTargets(got, w.Observations[6*o:])
		e.PutTargets(want, got)
		if e.Patch == 0 {
			e.PutObservation(want, forward(rl.History{Observations: w.Observations[3*o : 6*o], Actions: w.Actions[3*a : 6*a]}))
			sum := 0.0
			for j := range got {
				sum += math.Pow(float64(got[j]-want[j]), 2)
			}
			if sum /= float64(len(got)); math.Abs(scores[5]-sum) > 1e-4*(1+sum) {
				t.Errorf("%s: score: got %v, want %v", e.ID, scores[5], sum)
			}
		}
		between := make([]float32, a)
		if err := s.Inverse(between, i, w.Observations[:2*o]); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBadHistories(t *testing.T) {
	s := smallModel(t).Snapshot()
	o, a, y := make([]float32, 4*3), make([]float32, 3), make([]float32, 4)
	for about, err := range map[string]error{
		"no observation":        s.Act(y[:1], 0, rl.History{}),
		"half an observation":   s.Act(y[:1], 0, rl.History{Observations: o[:5]}),
		"actions too many":      s.Act(y[:1], 0, rl.History{Observations: o, Actions: a}),
		"returns too few":       s.Act(y[:1], 0, rl.History{Observations: o, Actions: a[:2], Returns: a[:2]}),
		"room for an action":    s.Act(y, 0, rl.History{Observations: o, Actions: a[:2]}),
		"the last action":       s.Forward(y, 0, rl.History{Observations: o, Actions: a[:2]}),
		"room for the next":     s.Forward(y[:3], 0, rl.History{Observations: o, Actions: a}),
		"one observation":       s.Inverse(nil, 0, o[:4]),
		"observations too many": s.Inverse(make([]float32, 4), 0, make([]float32, 20)),
		"scores too few":        s.Anomaly(make([]float64, 1), 0, o, a[:2]),
		"an action too few":     s.Anomaly(make([]float64, 2), 0, o, a[:1]),
	} {
		if !errors.Is(err, rl.ErrShapeMismatch) {
			t.Errorf("%s: got %v", about, err)
		}
	}
	if err := s.Act(y[:1], 3, rl.History{Observations: o[:4]}); !errors.Is(err, rl.ErrUnknown) {
		t.Errorf("a fourth environment: got %v", err)
	}
}

// One model answers by the choice of a mask; this one is untrained.
func ExampleInference_Act() {
	c, err := rl.Preset("tiny", 8)
	if err != nil {
		panic(err)
	}
	c.Environments = []rl.Environment{{ID: "CartPole-v1", Observation: []int{4}, Actions: 2}}
	m, err := rl.New(c, 1)
	if err != nil {
		panic(err)
	}
	s := m.Snapshot()
	first, second := []float32{0.01, 0, 0.02, 0}, []float32{0.01, 0.2, 0.02, -0.3}

	action, next, scores := make([]float32, 1), make([]float32, 4), make([]float64, 1)
	fmt.Println("the action after an observation:", s.Act(action, 0, rl.History{Observations: first}))
	fmt.Println("the next observation:", s.Forward(next, 0, rl.History{Observations: first, Actions: []float32{1}}))
	fmt.Println("the action between two:", s.Inverse(action, 0, append(slices.Clone(first), second...)))
	fmt.Println("how unusual the second is:", s.Anomaly(scores, 0, append(slices.Clone(first), second...), []float32{1}))
	// Output:
	// the action after an observation: <nil>
	// the next observation: <nil>
	// the action between two: <nil>
	// how unusual the second is: <nil>
}
