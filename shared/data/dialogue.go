package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Dialogue is what one customer wrote, in order.
type Dialogue struct {
	ID    string         `json:"id,omitempty"`
	Turns []DialogueTurn `json:"turns"`
}

// A DialogueTurn is one message with what is known about it.
type DialogueTurn struct {
	Text    string         `json:"text"`
	Intent  string         `json:"intent,omitempty"` // empty: not known
	Slots   []DialogueSlot `json:"slots,omitzero"`   // in order, none overlaps another; nil: not known, empty: it has none
	Answers []string       `json:"answers,omitzero"` // identifiers of the passages that answer it; nil: not known, empty: none does
}

// A DialogueSlot is a named part of a message: code points Start to End-1.
type DialogueSlot struct {
	Slot  string `json:"slot"`
	Start int    `json:"start"`
	End   int    `json:"end"`
}

// ReadDialogues streams the dialogues of a file, one object {"id", "turns": [{"text", "intent", "slots": [{"slot", "start", "end"}], "answers": [...]}]} a line. A turn needs
// a text alone; other keys are ignored. The first error ends the stream: a *RowError for a bad row, one that wraps ErrEmpty for a file with no rows.
func ReadDialogues(path string) iter.Seq2[Dialogue, error] { return readLines(path, ParseDialogues) }

// ParseDialogues is ReadDialogues from r; name is used in errors.
func ParseDialogues(r io.Reader, name string) iter.Seq2[Dialogue, error] {
	return parseLines(r, name, func(obj map[string]json.RawMessage) (d Dialogue, field string, err error) {
		if _, ok := obj["id"]; ok {
			if d.ID, err = scalarField(obj, "id"); err != nil {
				return d, "id", err
			}
		}
		if err := json.Unmarshal(obj["turns"], &d.Turns); err != nil || len(d.Turns) == 0 {
			return d, "turns", errors.New("want a list of turns, one at least")
		}
		for i := range d.Turns {
			if err := d.Turns[i].check(); err != nil {
				return d, "turns", fmt.Errorf("turn %d: %w", i, err)
			}
		}
		return d, "", nil
	})
}

func (t *DialogueTurn) check() error {
	if strings.TrimSpace(t.Text) == "" {
		return fmt.Errorf("text: %w", ErrEmpty)
	}
	end, n := 0, utf8.RuneCountInString(t.Text)
	for _, s := range t.Slots {
		switch {
		case s.Slot == "" || strings.ContainsAny(s.Slot, " \t\r\n"):
			return fmt.Errorf("slot: got %.40q, want a name", s.Slot)
		case s.Start < end || s.End <= s.Start || s.End > n:
			return fmt.Errorf("slot %.40q: %w: got %d to %d, want some of %d to %d, in order", s.Slot, errSlotSpan, s.Start, s.End, end, n)
		}
		end = s.End
	}
	return nil
}

// Tagged gives the words of a turn and their tags. Slots are known.
func (t *DialogueTurn) Tagged() Tagged {
	at := make([]int, 0, len(t.Text)+1) // bytes by code point
	for i := range t.Text {
		at = append(at, i)
	}
	at = append(at, len(t.Text))
	var slots []slot
	for _, s := range t.Slots {
		slots = append(slots, slot{s.Slot, at[s.Start], at[s.End]})
	}
	return tagSlots(t.Text, slots)
}

// DialogueOf gives a sentence of words with tags as a dialogue of one turn: the words joined by blanks.
func DialogueOf(t Tagged) Dialogue {
	turn := DialogueTurn{Text: strings.Join(t.Tokens, " "), Slots: []DialogueSlot{}}
	at, open := 0, false
	for i, w := range t.Tokens {
		end := at + utf8.RuneCountInString(w)
		kind, begins := strings.CutPrefix(t.Tags[i], "B-")
		kind = strings.TrimPrefix(kind, "I-")
		last := len(turn.Slots) - 1
		switch {
		case kind == Outside:
		case open && !begins && turn.Slots[last].Slot == kind:
			turn.Slots[last].End = end
		default:
			turn.Slots = append(turn.Slots, DialogueSlot{kind, at, end})
		}
		open = kind != Outside
		at = end + 1
	}
	return Dialogue{Turns: []DialogueTurn{turn}}
}

// dialogues joins consecutive turns of one conversation of MultiDoGO. Of several intents of a turn none counts as known. Neighbouring words of one label are one slot; where
// labels and words aren't as many, slots aren't known.
func dialogues(turns iter.Seq2[Turn, error]) iter.Seq2[Dialogue, error] {
	return func(yield func(Dialogue, error) bool) {
		var d Dialogue
		for t, err := range turns {
			if err != nil {
				yield(Dialogue{}, err)
				return
			}
			if t.Conversation != d.ID && len(d.Turns) > 0 {
				if !yield(d, nil) {
					return
				}
				d.Turns = nil
			}
			d.ID = t.Conversation
			d.Turns = append(d.Turns, t.dialogue())
		}
		if len(d.Turns) > 0 {
			yield(d, nil)
		}
	}
}

func (t *Turn) dialogue() DialogueTurn {
	out := DialogueTurn{Text: t.Text}
	if words := strings.Fields(t.Text); len(words) == len(t.Slots) {
		tags := slices.Clone(t.Slots)
		for i, s := range tags {
			if s != Outside {
				tags[i] = "I-" + s
			}
		}
		out = DialogueOf(Tagged{Tokens: words, Tags: tags}).Turns[0]
	}
	if len(t.Intents) == 1 {
		out.Intent = t.Intents[0]
	}
	return out
}
