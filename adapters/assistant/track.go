package assistant

import (
	"context"
	"slices"
	"strings"
	"unicode"
)

// Reply decides what to do about a message that was heard in the dialogue that has come to state, which Check has passed.
func (a *Assistant) Reply(ctx context.Context, state State, h Heard) (Reply, State, error) {
	s := &a.settings
	r := Reply{
		Intent: Intent{Label: h.Label, Score: h.Confidence, Said: h.Label}, OutOfScopeScore: h.Outside,
		Slots: slices.Clone(h.Slots), Missing: []string{}, Why: []string{},
	}
	r.OutOfScope = h.Outside > s.Thresholds.OutOfScope
	if r.OutOfScope {
		r.Intent.Said = s.OutOfScope
	}
	next := state
	if r.Intent.Carried = a.carries(&state, &h, r.OutOfScope); r.Intent.Carried {
		r.Intent.Label, r.Intent.Score, r.OutOfScope = state.Intent, state.Score, false
	} else if !r.OutOfScope && !slices.Contains(s.Fillers, h.Label) {
		next.Intent, next.Score = h.Label, h.Confidence
	}
	if !r.OutOfScope { // else its values are nobody's business either
		next.Slots = state.remember(h.Slots)
		r.Missing = missing(s.Needs[r.Intent.Label], next.Slots)
	}
	unsure := !r.Intent.Carried && h.Confidence < s.Thresholds.Intent
	if h.Best != nil && !r.OutOfScope && !r.Intent.Carried && h.Best.Score >= s.Thresholds.Answer {
		var err error
		if r.Answer, err = a.answer(ctx, &h); err != nil {
			return Reply{}, State{}, err
		}
	}
	switch {
	case r.OutOfScope:
		r.Why = append(r.Why, WhyOutOfScope)
	case unsure:
		r.Why = append(r.Why, WhyIntent)
	}
	if r.Answer == nil && !r.OutOfScope && !r.Intent.Carried && slices.Contains(s.Answers, r.Intent.Label) {
		r.Why = append(r.Why, WhyNoAnswer)
	}
	r.Escalate = len(r.Why) > 0
	next = next.add(Turn{Message: h.Message, Intent: r.Intent.Label, Escalated: r.Escalate})
	return r, next, nil
}

// carries says whether a message only gives what the state's intent needs: it has a value that is missing, or its label is a filler's, and what else it says is less than half
// of it or not sure to be an intent of its own.
func (a *Assistant) carries(state *State, h *Heard, outside bool) bool {
	if state.Intent == "" {
		return false
	}
	filler := slices.Contains(a.settings.Fillers, h.Label)
	open := missing(a.settings.Needs[state.Intent], state.Slots)
	gives := slices.ContainsFunc(h.Slots, func(s Slot) bool { return slices.Contains(open, s.Slot) })
	if filler && !outside {
		return true
	}
	return gives && (outside || h.Label == state.Intent || h.Confidence < a.settings.Thresholds.Intent || mostlyGiven(h))
}

// mostlyGiven says whether at least half of the letters and digits of a message are values.
func mostlyGiven(h *Heard) bool {
	count := func(s string) int {
		return strings.Count(strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return 'x'
			}
			return -1
		}, s), "x")
	}
	given := 0
	for _, s := range h.Slots {
		given += count(s.Value)
	}
	return 2*given >= count(h.Message)
}

// missing lists the slots of need that have no value.
func missing(need []string, have map[string][]string) []string {
	all := []string{}
	for _, n := range need {
		if len(have[n]) == 0 {
			all = append(all, n)
		}
	}
	return all
}
