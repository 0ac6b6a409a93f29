package assistant

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
)

// An Outcome is what an assistant, or a cheap way in its place, came to on one turn, beside what is known of it.
type Outcome struct {
	Dialogue int // number of its dialogue
	Known    data.DialogueTurn

	Intent    string // out of scope the label of that
	Outside   float64
	Slots     metrics.EntityCounts // of a turn whose slots are known
	Passage   string               // the nearest one, whether or not it was answered with; empty: none
	Answered  bool                 // with it
	Escalated bool
}

// heardAtOnce is how many dialogues are read together.
const heardAtOnce = 64

// Run answers dialogues turn by turn, each from the state that its turns before have come to.
func (a *Assistant) Run(ctx context.Context, dialogues []data.Dialogue) ([]Outcome, error) {
	var all []Outcome
	for first := 0; first < len(dialogues); first += heardAtOnce {
		some := dialogues[first:min(first+heardAtOnce, len(dialogues))]
		var messages []string
		for _, d := range some {
			for _, t := range d.Turns {
				messages = append(messages, t.Text)
			}
		}
		heard, err := a.Hear(ctx, messages)
		if err != nil {
			return nil, err
		}
		for i, d := range some {
			var state State
			for _, t := range d.Turns {
				var r Reply
				h := heard[0]
				if r, state, err = a.Reply(ctx, state, h); err != nil {
					return nil, err
				}
				heard = heard[1:]
				o := Outcome{
					Dialogue: first + i, Known: t, Intent: r.Intent.Said, Outside: r.OutOfScopeScore,
					Answered: r.Answer != nil, Escalated: r.Escalate,
				}
				if h.Best != nil {
					o.Passage = h.Best.ID
				}
				all = append(all, o)
			}
		}
	}
	return all, a.countSlots(ctx, all)
}

// countSlots compares slots with those that are known, word by word as metrics.ScoreEntities does.
func (a *Assistant) countSlots(ctx context.Context, all []Outcome) error {
	if a.parts.Slots == nil {
		return nil
	}
	var tagged []data.Tagged
	var at []int
	for i := range all {
		if all[i].Known.Slots == nil {
			continue
		}
		if t := all[i].Known.Tagged(); len(t.Tokens) > 0 {
			tagged, at = append(tagged, t), append(at, i)
		}
	}
	if len(tagged) == 0 {
		return nil
	}
	got, err := a.parts.Slots.TagWords(ctx, tagged)
	if err != nil {
		return err
	}
	counts, err := CountSlots(tagged, got)
	if err != nil {
		return err
	}
	for i, c := range counts {
		all[at[i]].Slots = c
	}
	return nil
}

// CountSlots compares the tags of turns, whoever gave them, with those that are known.
func CountSlots(turns []data.Tagged, got [][]string) ([]metrics.EntityCounts, error) {
	want := make([][]string, len(turns))
	for i, t := range turns {
		want[i] = t.Tags
	}
	s, err := metrics.ScoreEntities(want, got)
	if err != nil {
		return nil, fmt.Errorf("assistant: %w", err)
	}
	return s.Sentences, nil
}

// Evaluate answers dialogues and scores what comes of it, as Score does.
func Evaluate(ctx context.Context, a *Assistant, dialogues []data.Dialogue) (adapter.Scores, error) {
	all, err := a.Run(ctx, dialogues)
	if err != nil {
		return adapter.Scores{}, err
	}
	return Score(all, a.settings.OutOfScope)
}
