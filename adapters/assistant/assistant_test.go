package assistant_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/adapters/assistant"
	"github.com/fmkit/fmkit/adapters/search"
)

var messages = []string{
	"Please book a trip to Rome", "from Oslo", "please cancel my trip!", "Who won the football match?", "thank you", "Käse, please, from paris to lima " + strings.Repeat("a trip ", 60),
}

// TestRespond: an answer is what the parts say by themselves, to the bit, and depends on message and state alone, whatever runs beside it.
func TestRespond(t *testing.T) {
	a, _ := loadToy(t)
	p := a.Parts()
	if p.Intents.Begin(nil).Inference() != p.Knowledge.Begin(nil).Inference() {
		t.Error("parts that leave a base as it is don't share its encoder")
	}
	type answer struct {
		reply assistant.Reply
		state assistant.State
	}
	var want []answer
	var state assistant.State
	for _, m := range messages {
		r, next, err := a.Respond(t.Context(), state, m)
		if err != nil {
			t.Fatal(err)
		}
		scores, err := p.Intents.Predict(t.Context(), []string{m})
		if err != nil {
			t.Fatal(err)
		}
		if j := assistant.Judge(scores[0], "other"); r.OutOfScopeScore != j.Outside || !r.Intent.Carried && r.Intent.Score != j.Confidence {
			t.Errorf("%.30s: got %+v and %v, the classifier says %+v", m, r.Intent, r.OutOfScopeScore, j)
		}
		found, err := p.Slots.Predict(t.Context(), []string{m})
		if err != nil || len(found[0]) != len(r.Slots) {
			t.Fatalf("%.30s: got the slots %+v, want %+v, %v", m, r.Slots, found, err)
		}
		for i, e := range found[0] {
			s := r.Slots[i]
			if s.Slot != e.Group || s.Score != e.Score || string([]rune(m)[s.Start:s.End]) != s.Value || m[s.StartByte:s.EndByte] != s.Value {
				t.Errorf("%.30s: got the slot %+v, want %+v", m, s, e)
			}
		}
		if r.Answer != nil {
			hits, err := p.Knowledge.Search(t.Context(), []string{m}, 1)
			if err != nil || hits[0][0].ID != r.Answer.PassageID || hits[0][0].Score != r.Answer.Score {
				t.Errorf("%.30s: got %+v, want %+v, %v", m, r.Answer, hits, err)
			}
			if s := r.Answer.Sentence; string([]rune(r.Answer.Text)[s.Start:s.End]) != s.Text || r.Answer.Text[s.StartByte:s.EndByte] != s.Text {
				t.Errorf("%.30s: the sentence isn't where it says: %+v", m, r.Answer)
			}
		}
		want, state = append(want, answer{r, next}), next
	}
	var group sync.WaitGroup
	for g := range 6 {
		group.Go(func() {
			var state assistant.State
			for i, m := range messages {
				r, next, err := a.Respond(t.Context(), state, m)
				if err != nil || !reflect.DeepEqual(answer{r, next}, want[i]) {
					t.Errorf("goroutine %d, %.30s: got another answer, %v", g, m, err)
				}
				raw, err := json.Marshal(next) // as a client keeps it
				if err != nil {
					t.Error(err)
				}
				if state, err = assistant.ParseState(raw); err != nil || !reflect.DeepEqual(state, next) {
					t.Errorf("goroutine %d, %.30s: the state is another after JSON: %+v, %v", g, m, state, err)
				}
			}
		})
	}
	group.Wait()
	heard, err := a.Hear(t.Context(), messages)
	if err != nil {
		t.Fatal(err)
	}
	for i := range heard {
		if alone, err := a.Hear(t.Context(), messages[i:i+1]); err != nil || !reflect.DeepEqual(alone[0], heard[i]) {
			t.Errorf("%.30s: heard otherwise among others, %v", messages[i], err)
		}
	}
}

// TestRefuses bad messages and states of other assistants.
func TestRefuses(t *testing.T) {
	a, _ := loadToy(t)
	for name, m := range map[string]string{"empty": "", "blank": " \n", "long": strings.Repeat("a", assistant.MaxMessage+1), "no UTF-8": "a\xff"} {
		if _, _, err := a.Respond(t.Context(), assistant.State{}, m); !errors.Is(err, assistant.ErrMessage) {
			t.Errorf("%s: got %v, want %v", name, err, assistant.ErrMessage)
		}
	}
	if _, _, err := a.Respond(t.Context(), assistant.State{}, strings.Repeat("\U0001f600", assistant.MaxMessage/4)); err != nil {
		t.Errorf("the longest message: %v", err)
	}
	for name, s := range map[string]assistant.State{
		"intent": {Intent: "fly"}, "out of scope": {Intent: "other"}, "slot": {Slots: map[string][]string{"via": {"x"}}}, "score": {Score: -1},
		"value": {Slots: map[string][]string{"to": {"\xff"}}},
	} {
		if _, _, err := a.Respond(t.Context(), s, "please"); !errors.Is(err, assistant.ErrState) {
			t.Errorf("%s: got %v, want %v", name, err, assistant.ErrState)
		}
	}
	for _, line := range []string{`{"message": ""}`, `{"message": "a", "state": {"count": 0, "x": 1}}`, `{"message": "a", "mood": 1}`, `{"message": "a", "message": "b"}`, `{"message": "a", "state": []}`} {
		if answer, err := a.PredictJSON(t.Context(), []byte(line)); err == nil {
			t.Errorf("%s: got %v", line, answer)
		}
	}
	first, err := a.PredictJSON(t.Context(), []byte(`{"id": "7", "message": "please book a trip to rome", "state": null}`))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(first)
	if err != nil || !strings.HasPrefix(string(raw), `{"id":"7","intent":{"label":"book"`) || !strings.Contains(string(raw), `"state":{"turns":[{"message":"please book`) {
		t.Errorf("got %s, %v", raw, err)
	}
}

// TestSettings that don't fit their parts are refused.
func TestSettings(t *testing.T) {
	a, _ := loadToy(t)
	good, p := a.Settings(), a.Parts()
	for name, change := range map[string]func(p *assistant.Parts, s *assistant.Settings){
		"no classifier":            func(p *assistant.Parts, _ *assistant.Settings) { p.Intents = nil },
		"answers without an index": func(p *assistant.Parts, _ *assistant.Settings) { p.Knowledge = nil },
		"needs without a tagger":   func(p *assistant.Parts, _ *assistant.Settings) { p.Slots = nil },
		"empty index": func(p *assistant.Parts, _ *assistant.Settings) {
			p.Knowledge, _ = search.New(p.Intents.Model(), search.Settings{Pooling: "mean"})
		},
		"filler":              func(_ *assistant.Parts, s *assistant.Settings) { s.Fillers = []string{"x"} },
		"filler out of scope": func(_ *assistant.Parts, s *assistant.Settings) { s.Fillers = []string{"other"} },
		"need":                func(_ *assistant.Parts, s *assistant.Settings) { s.Needs = map[string][]string{"book": {"via"}} },
		"needs twice":         func(_ *assistant.Parts, s *assistant.Settings) { s.Needs = map[string][]string{"book": {"to", "to"}} },
		"need of nobody":      func(_ *assistant.Parts, s *assistant.Settings) { s.Needs = map[string][]string{"fly": {"to"}} },
		"answer":              func(_ *assistant.Parts, s *assistant.Settings) { s.Answers = []string{"fly"} },
		"threshold":           func(_ *assistant.Parts, s *assistant.Settings) { s.Thresholds.Intent = 3 },
	} {
		parts, s := p, good
		change(&parts, &s)
		if _, err := assistant.New(parts, s); !errors.Is(err, assistant.ErrSettings) {
			t.Errorf("%s: got %v, want %v", name, err, assistant.ErrSettings)
		}
	}
	if _, err := assistant.New(assistant.Parts{Intents: p.Intents}, assistant.Settings{}); err != nil {
		t.Errorf("a classifier alone: %v", err)
	}
}
