package assistant

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// ErrSettings means that settings are out of range or don't fit the parts; the error names the field.
var ErrSettings = errors.New("assistant: settings")

// Settings say what an assistant's answers mean for its business.
type Settings struct {
	OutOfScope string              `json:"out_of_scope,omitempty"` // the label of messages that are nobody's business; the classifier may have learnt it or not
	Fillers    []string            `json:"fillers,omitempty"`      // labels of messages that only give values, such as contentonly: they carry the intent over
	Needs      map[string][]string `json:"needs,omitempty"`        // the slots that an intent needs, in the order in which they are asked for
	Answers    []string            `json:"answers,omitempty"`      // intents that must be answered from the knowledge base, or else a person answers
	Thresholds Thresholds          `json:"thresholds"`
}

// Thresholds are what scores are held against. Never is above every score.
type Thresholds struct {
	Intent     float64 `json:"intent"`       // least probability of an intent that is acted on
	OutOfScope float64 `json:"out_of_scope"` // a score above this is out of scope
	Answer     float64 `json:"answer"`       // least cosine of an answer that is given
}

// Never is a threshold that no score reaches.
const Never = 2

// validate holds settings to the labels of the classifier, and of the tagger where there is one.
func (s *Settings) validate(intents, slots []string, knowledge bool) error {
	bad := func(field, format string, args ...any) error {
		return fmt.Errorf("%w: %s: %s", ErrSettings, field, fmt.Sprintf(format, args...))
	}
	in := slices.DeleteFunc(slices.Clone(intents), func(l string) bool { return l == s.OutOfScope })
	if len(in) == 0 {
		return bad("out_of_scope", "%q leaves no intent", s.OutOfScope)
	}
	for _, f := range s.Fillers {
		if !slices.Contains(in, f) {
			return bad("fillers", "%q is no intent", f)
		}
	}
	for _, intent := range slices.Sorted(maps.Keys(s.Needs)) {
		if !slices.Contains(in, intent) {
			return bad("needs", "%q is no intent", intent)
		}
		for i, slot := range s.Needs[intent] {
			if !slices.Contains(slots, slot) || slices.Contains(s.Needs[intent][:i], slot) {
				return bad("needs", "%s: %q is no slot, or occurs twice", intent, slot)
			}
		}
	}
	for _, intent := range s.Answers {
		if !slices.Contains(in, intent) || !knowledge {
			return bad("answers", "%q is no intent, or there is no knowledge base", intent)
		}
	}
	for _, t := range []struct {
		name     string
		got, low float64
	}{{"intent", s.Thresholds.Intent, 0}, {"out_of_scope", s.Thresholds.OutOfScope, 0}, {"answer", s.Thresholds.Answer, -1}} {
		if !(t.got >= t.low && t.got <= Never) {
			return bad("thresholds."+t.name, "got %v, want %v to %v", t.got, t.low, Never)
		}
	}
	return nil
}
