package assistant

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier"
)

func TestJudge(t *testing.T) {
	scores := []classifier.Score{{Label: "x", Score: 0.6}, {Label: "a", Score: 0.3}, {Label: "b", Score: 0.1}}
	if got, want := Judge(scores, "x"), (Judgement{"a", 0.3, 0.6}); got != want {
		t.Errorf("a class of its own: got %+v, want %+v", got, want)
	}
	if got, want := Judge(scores, "y"), (Judgement{"x", 0.6, 1 - 0.6}); got != want {
		t.Errorf("no class: got %+v, want %+v", got, want)
	}
}

// TestTrack decides about messages that were heard so and so.
func TestTrack(t *testing.T) {
	a := &Assistant{names: []string{"from", "to"}, settings: Settings{
		OutOfScope: "other", Fillers: []string{"values"}, Needs: map[string][]string{"book": {"to", "from"}}, Answers: []string{"cancel"},
		Thresholds: Thresholds{Intent: 0.5, OutOfScope: 0.4, Answer: 0.3},
	}}
	booking := State{Count: 1, Turns: []Turn{{Message: "book", Intent: "book"}}, Intent: "book", Score: 0.9, Slots: map[string][]string{"to": {"Rome"}}}
	oslo := Slot{Slot: "from", Value: "Oslo"}
	for name, c := range map[string]struct {
		state  State
		heard  Heard
		want   Intent
		out    bool
		why    []string
		lacks  []string
		intent string // of the state after it
	}{
		"sure":           {State{}, Heard{Message: "book", Judgement: Judgement{"book", 0.9, 0}}, Intent{"book", 0.9, false, "book"}, false, nil, []string{"to", "from"}, "book"},
		"not sure":       {State{}, Heard{Message: "hm", Judgement: Judgement{"book", 0.4, 0}}, Intent{"book", 0.4, false, "book"}, false, []string{WhyIntent}, []string{"to", "from"}, "book"},
		"out of scope":   {booking, Heard{Message: "hm", Judgement: Judgement{"thanks", 0.2, 0.7}}, Intent{"thanks", 0.2, false, "other"}, true, []string{WhyOutOfScope}, nil, "book"},
		"strange value":  {booking, Heard{Message: "the weather in Oslo", Judgement: Judgement{"thanks", 0.3, 0.7}, Slots: []Slot{{Slot: "to", Value: "Oslo"}}}, Intent{"thanks", 0.3, false, "other"}, true, []string{WhyOutOfScope}, nil, "book"},
		"must answer":    {booking, Heard{Message: "no", Judgement: Judgement{"cancel", 0.9, 0}}, Intent{"cancel", 0.9, false, "cancel"}, false, []string{WhyNoAnswer}, nil, "cancel"},
		"only values":    {booking, Heard{Message: "Oslo.", Judgement: Judgement{"thanks", 0.9, 0}, Slots: []Slot{oslo}}, Intent{"book", 0.9, true, "thanks"}, false, nil, nil, "book"},
		"filler":         {booking, Heard{Message: "5", Judgement: Judgement{"values", 0.9, 0}}, Intent{"book", 0.9, true, "values"}, false, nil, []string{"from"}, "book"},
		"first filler":   {State{}, Heard{Message: "5", Judgement: Judgement{"values", 0.9, 0}}, Intent{"values", 0.9, false, "values"}, false, nil, nil, ""},
		"value and more": {booking, Heard{Message: "thank you very much, Oslo", Judgement: Judgement{"thanks", 0.9, 0}, Slots: []Slot{oslo}}, Intent{"thanks", 0.9, false, "thanks"}, false, nil, nil, "thanks"},
		"value, unsure":  {booking, Heard{Message: "well, rather leaving Oslo", Judgement: Judgement{"thanks", 0.3, 0}, Slots: []Slot{oslo}}, Intent{"book", 0.9, true, "thanks"}, false, nil, nil, "book"},
		"value, strange": {booking, Heard{Message: "xyzzy Oslo", Judgement: Judgement{"thanks", 0.3, 0.7}, Slots: []Slot{oslo}}, Intent{"book", 0.9, true, "other"}, false, nil, nil, "book"},
	} {
		before := booking.add(Turn{})
		r, next, err := a.Reply(t.Context(), c.state, c.heard)
		if err != nil {
			t.Fatal(err)
		}
		if r.Intent != c.want || r.OutOfScope != c.out || r.Escalate != (len(c.why) > 0) || strings.Join(r.Why, " ") != strings.Join(c.why, " ") || strings.Join(r.Missing, " ") != strings.Join(c.lacks, " ") {
			t.Errorf("%s: got %+v", name, r)
		}
		if next.Intent != c.intent || next.Count != c.state.Count+1 || next.Turns[len(next.Turns)-1].Message != c.heard.Message {
			t.Errorf("%s: state after it: %+v", name, next)
		}
		if len(c.heard.Slots) > 0 && !c.out && !reflect.DeepEqual(next.Slots, map[string][]string{"to": {"Rome"}, "from": {"Oslo"}}) {
			t.Errorf("%s: got the slots %v", name, next.Slots)
		}
		if c.out && !reflect.DeepEqual(next.Slots, c.state.Slots) {
			t.Errorf("%s: the slots are %v", name, next.Slots)
		}
		if again := booking.add(Turn{}); !reflect.DeepEqual(before, again) {
			t.Fatalf("%s: the state given has changed", name)
		}
	}
}

// TestStateBounds: a state stays small however long a dialogue gets, and what it gives is a state.
func TestStateBounds(t *testing.T) {
	var s State
	long := strings.Repeat("ä", 1000) + "\xff"
	for range 100 {
		var slots []Slot
		for i := range 30 {
			slots = append(slots, Slot{Slot: "x", Value: long[:400+2*i]})
		}
		s.Slots = s.remember(slots)
		s = s.add(Turn{Message: long, Intent: "x"})
		if err := s.validate(); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.Turns) != maxTurns || s.Count != 100 || len(s.Turns[0].Message) != maxKept {
		t.Errorf("got %d turns of %d, the first of %d bytes", len(s.Turns), s.Count, len(s.Turns[0].Message))
	}
}

func TestParseState(t *testing.T) {
	if _, err := ParseState([]byte(`{"count": 1, "turns": [{"message": "a", "intent": "b"}], "slots": {"x": ["1"]}}`)); err != nil {
		t.Error(err)
	}
	many := strings.TrimSuffix(strings.Repeat(`{"message": "a", "intent": "b"},`, 21), ",")
	for name, raw := range map[string]string{
		"no JSON": `{`, "a list": `[]`, "unknown key": `{"count": 0, "mood": "good"}`, "twice": `{"count": 0, "count": 1}`, "case": `{"Count": 0}`, "deep": strings.Repeat("[", 100),
		"too many turns": `{"count": 30, "turns": [` + many + `]}`, "fewer than its turns": `{"count": 0, "turns": [{"message": "a", "intent": "b"}]}`,
		"negative": `{"count": -1}`, "score": `{"count": 0, "score": 2}`, "long": `{"count": 1, "turns": [{"message": "` + strings.Repeat("a", 1001) + `", "intent": "b"}]}`,
		"no values": `{"count": 0, "slots": {"x": []}}`, "empty value": `{"count": 0, "slots": {"x": [""]}}`, "long value": `{"count": 0, "slots": {"x": ["` + strings.Repeat("a", 257) + `"]}}`,
		"many values": `{"count": 0, "slots": {"x": [` + strings.TrimSuffix(strings.Repeat(`"a",`, 17), ",") + `]}}`,
	} {
		if _, err := ParseState([]byte(raw)); !errors.Is(err, ErrState) {
			t.Errorf("%s: got %v, want %v", name, err, ErrState)
		}
	}
}

func FuzzParseState(f *testing.F) {
	f.Add([]byte(`{"count": 1, "turns": [{"message": "a", "intent": "b"}], "intent": "b", "score": 0.5, "slots": {"x": ["1"]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := ParseState(raw)
		if err != nil {
			return
		}
		if next := s.add(Turn{Message: string(raw)}); next.validate() != nil {
			t.Errorf("%q gives a state that isn't valid: %v", raw, next.validate())
		}
	})
}
