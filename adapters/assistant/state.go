package assistant

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/fmkit/fmkit/shared/strictjson"
)

// ErrState means that a state is not one that the assistant gave.
var ErrState = errors.New("assistant: state is not valid")

// Bounds of a state.
const (
	maxTurns   = 20   // that are kept
	maxKept    = 1000 // bytes of a message that are kept
	maxValues  = 16   // of a slot
	maxValue   = 256  // bytes of a value
	maxState   = 1 << 20
	maxCounted = 1 << 40
)

// A State is what a dialogue has come to. The zero value is that of a new dialogue. Callers keep it and don't change what it points to.
type State struct {
	Turns  []Turn              `json:"turns,omitempty"`  // the last ones, at most 20, each cut to 1000 bytes
	Count  int                 `json:"count"`            // turns so far
	Intent string              `json:"intent,omitempty"` // of the last turn that had one of its own in scope
	Score  float64             `json:"score,omitempty"`  // its probability then
	Slots  map[string][]string `json:"slots,omitempty"`  // what the customer has given, at most 16 values a slot; a turn that gives some replaces those of before
}

// A Turn is a message of the customer's with the intent that it was taken for.
type Turn struct {
	Message   string `json:"message"`
	Intent    string `json:"intent"`
	Escalated bool   `json:"escalated,omitempty"`
}

// ParseState reads a state strictly. Whether its names are those of an assistant is for Respond to say.
func ParseState(raw []byte) (State, error) {
	var s State
	if err := strictjson.Decode(raw, &s, strictjson.Limits{Bytes: maxState}); err != nil {
		return State{}, fmt.Errorf("%w: %w", ErrState, err)
	}
	return s, s.validate()
}

// validate holds a state to its bounds.
func (s *State) validate() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrState, fmt.Sprintf(format, args...))
	}
	switch {
	case len(s.Turns) > maxTurns:
		return bad("turns: got %d, want at most %d", len(s.Turns), maxTurns)
	case s.Count < len(s.Turns) || s.Count > maxCounted:
		return bad("count: got %d with %d turns", s.Count, len(s.Turns))
	case !(s.Score >= 0 && s.Score <= 1):
		return bad("score: got %v, want 0 to 1", s.Score)
	}
	for i, t := range s.Turns {
		if len(t.Message) > maxKept || !utf8.ValidString(t.Message) {
			return bad("turn %d: message: want at most %d bytes of UTF-8", i, maxKept)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Slots)) {
		values := s.Slots[name]
		if len(values) == 0 || len(values) > maxValues {
			return bad("slot %.80q: got %d values, want 1 to %d", name, len(values), maxValues)
		}
		for _, v := range values {
			if v == "" || len(v) > maxValue || !utf8.ValidString(v) {
				return bad("slot %.80q: want values of 1 to %d bytes of UTF-8", name, maxValue)
			}
		}
	}
	return nil
}

// cut shortens a text to at most n bytes, at a character's end, and makes it UTF-8.
func cut(s string, n int) string {
	s = string([]rune(s))
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// add gives the state after one more turn, which stands on its own: s stays as it is.
func (s State) add(t Turn) State {
	t.Message = cut(t.Message, maxKept)
	s.Turns = append(slices.Clone(s.Turns[max(0, len(s.Turns)+1-maxTurns):]), t)
	s.Count++
	return s
}

// remember gives the slots after a turn that gives some.
func (s *State) remember(given []Slot) map[string][]string {
	all := map[string][]string{}
	maps.Copy(all, s.Slots)
	now := map[string][]string{}
	for _, g := range given {
		v := cut(g.Value, maxValue)
		if len(now[g.Slot]) < maxValues && v != "" && !slices.Contains(now[g.Slot], v) {
			now[g.Slot] = append(now[g.Slot], v)
		}
	}
	maps.Copy(all, now)
	if len(all) == 0 {
		return nil
	}
	return all
}
