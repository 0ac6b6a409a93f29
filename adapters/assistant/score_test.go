package assistant

import (
	"errors"
	"testing"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
)

// TestScore holds the scores to what can be counted by hand.
func TestScore(t *testing.T) {
	known := func(intent string, answers ...string) data.DialogueTurn {
		return data.DialogueTurn{Text: "x", Intent: intent, Answers: answers}
	}
	all := []Outcome{
		{Dialogue: 0, Known: known("a", "p"), Intent: "a", Passage: "p", Answered: true, Outside: 0.1, Slots: metrics.EntityCounts{Right: 1, Want: 2, Got: 1}},
		{Dialogue: 0, Known: known("a", "p"), Intent: "a", Passage: "q", Answered: true, Outside: 0.2},
		{Dialogue: 1, Known: known("o"), Intent: "o", Escalated: true, Outside: 0.9},
		{Dialogue: 1, Known: known("b"), Intent: "o", Escalated: true, Outside: 0.95},
		{Dialogue: 2, Known: known(""), Intent: "b", Slots: metrics.EntityCounts{Right: 1, Want: 1, Got: 2}},
		{Dialogue: 2, Known: known("b"), Intent: "a", Outside: 0.3},
	}
	s, err := Score(all, "o")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{
		"accuracy": 3.0 / 5, "slot_f1": 4.0 / 6, "recall@1": 1.0 / 2, "coverage": 3.0 / 5, "risk": 2.0 / 3, "false_alarms": 1.0 / 4, "out_of_scope_AUROC": 3.0 / 4,
	} {
		if got := s.Values[name]; got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
		if i := s.Interval[name]; i[0] > want || i[1] < want {
			t.Errorf("%s: %v outside %v", name, want, i)
		}
	}
	if s.N != 6 || len(s.Values) != 7 {
		t.Errorf("got %d turns and %v", s.N, s)
	}
	cheap := make([]Outcome, len(all))
	copy(cheap, all)
	cheap[0].Intent, cheap[5].Intent = "b", "b"
	if err := Compare(&s, all, cheap, map[string]string{"accuracy": "cheap"}, "o"); err != nil || s.Values["cheap_accuracy"] != 3.0/5 || s.Values["gain_accuracy"] != 0 || len(s.Values) != 9 {
		t.Errorf("beside a cheap way: %v, %v", s, err)
	}
	if i := s.Interval["gain_accuracy"]; i[0] >= 0 || i[1] <= 0 {
		t.Errorf("gain_accuracy: got %v, want an interval around 0", i)
	}
	if err := Compare(&s, all, cheap[1:], nil, "o"); err == nil {
		t.Error("turns that aren't the same are compared")
	}
	if _, err := Score(nil, ""); !errors.Is(err, metrics.ErrEmpty) {
		t.Errorf("nothing to score: %v", err)
	}
	if s, err := Score(all[4:5], "o"); err != nil || len(s.Values) != 1 {
		t.Errorf("what isn't known is scored: %v, %v", s, err)
	}
}
