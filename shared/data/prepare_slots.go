package data

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A slot is a named part of a text, bytes start to end-1.
type slot struct {
	name       string
	start, end int
}

// tagSlots divides a text into words at blanks, around punctuation and at the ends of slots, and tags them. Slots are in order and don't overlap.
func tagSlots(text string, slots []slot) Tagged {
	var t Tagged
	at := 0
	words := func(end int, name string) {
		tag, rest := Outside, Outside
		if name != "" {
			tag, rest = "B-"+name, "I-"+name
		}
		for _, w := range splitWords(text[at:end]) {
			t.Tokens, t.Tags = append(t.Tokens, w), append(t.Tags, tag)
			tag = rest
		}
		at = end
	}
	for _, s := range slots {
		words(s.start, "")
		words(s.end, s.name)
	}
	words(len(text), "")
	return t
}

// splitWords divides at blanks and makes every punctuation mark a word of its own, as BERT does.
func splitWords(s string) []string {
	var all []string
	start := -1
	end := func(i int) {
		if start >= 0 {
			all = append(all, s[start:i])
		}
		start = -1
	}
	for i, r := range s {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			end(i)
		case unicode.IsPunct(r) || r < utf8.RuneSelf && unicode.IsSymbol(r):
			end(i)
			all = append(all, string(r))
		case start < 0:
			start = i
		}
	}
	end(len(s))
	return all
}

// prepareSNIPSSlots tags the named fragments of every utterance.
func prepareSNIPSSlots(src, dir string, o PrepareOptions) ([]Prepared, error) {
	files, err := filepath.Glob(filepath.Join(src, "train_*_full.json"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("data: %s has no train_<intent>_full.json: %w", src, ErrEmpty)
	}
	return prepareTagged(dir, func(yield func(Tagged, error) bool) {
		for _, file := range files {
			if err := snipsSlots(file, yield); err != nil {
				if err != errStopped {
					yield(Tagged{}, err)
				}
				return
			}
		}
	}, o)
}

func snipsSlots(path string, yield func(Tagged, error) bool) error {
	f, err := openData(path)
	if err != nil {
		return err
	}
	defer f.Close()
	p := newObjectReader(f, path)
	err = p.object(func(string) error {
		return p.array(func() error {
			var u struct {
				Data []struct{ Text, Entity string }
			}
			if err := p.decode(&u); err != nil {
				return err
			}
			text, slots := "", []slot(nil)
			for _, part := range u.Data {
				if part.Entity != "" {
					slots = append(slots, slot{part.Entity, len(text), len(text) + len(part.Text)})
				}
				text += part.Text
			}
			return p.yieldTagged(tagSlots(text, slots), yield)
		})
	})
	if err != nil {
		return err
	}
	return p.end()
}

func (p *objectReader) yieldTagged(t Tagged, yield func(Tagged, error) bool) error {
	if field, err := t.check(); err != nil {
		return p.errorAt(field, err)
	}
	if !yield(t, nil) {
		return errStopped
	}
	return nil
}

// prepareRestaurant8k tags the value spans of every turn.
func prepareRestaurant8k(src, dir string, o PrepareOptions) ([]Prepared, error) {
	return prepareTagged(dir, func(yield func(Tagged, error) bool) {
		if err := restaurantTurns(src, yield); err != nil && err != errStopped {
			yield(Tagged{}, err)
		}
	}, o)
}

func restaurantTurns(path string, yield func(Tagged, error) bool) error {
	f, err := openData(path)
	if err != nil {
		return err
	}
	defer f.Close()
	p := newObjectReader(f, path)
	err = p.array(func() error {
		var turn struct {
			UserInput struct{ Text string }
			Labels    []restaurantLabel
		}
		if err := p.decode(&turn); err != nil {
			return err
		}
		slots, err := restaurantSlots(turn.UserInput.Text, turn.Labels)
		if err != nil {
			return p.errorAt("labels", err)
		}
		return p.yieldTagged(tagSlots(turn.UserInput.Text, slots), yield)
	})
	if err != nil {
		return err
	}
	return p.end()
}

// A restaurantLabel is a value of a slot: code points, a start of 0 left out.
type restaurantLabel struct {
	Slot      string
	ValueSpan struct{ StartIndex, EndIndex int }
}

// restaurantSlots finds the labels in the bytes of a text, in order. A word has one tag: of labels that overlap, as those of date and time do in 58 turns, the one that
// begins first stays, of those that begin together the file's first.
func restaurantSlots(text string, labels []restaurantLabel) ([]slot, error) {
	at := make([]int, 0, len(text)+1) // bytes by code point
	for i := range text {
		at = append(at, i)
	}
	at = append(at, len(text))
	var all []slot
	end := 0
	labels = slices.Clone(labels)
	slices.SortStableFunc(labels, func(a, b restaurantLabel) int { return cmp.Compare(a.ValueSpan.StartIndex, b.ValueSpan.StartIndex) })
	for _, l := range labels {
		s := l.ValueSpan
		if l.Slot == "" || strings.ContainsAny(l.Slot, " \t") {
			return nil, fmt.Errorf("slot: got %.40q, want a name", l.Slot)
		}
		if s.StartIndex < 0 || s.EndIndex <= s.StartIndex || s.EndIndex >= len(at) {
			return nil, fmt.Errorf("%w: got %d to %d of a text of %d characters", errSlotSpan, s.StartIndex, s.EndIndex, len(at)-1)
		}
		if s.StartIndex < end {
			continue
		}
		end = s.EndIndex
		all = append(all, slot{l.Slot, at[s.StartIndex], at[s.EndIndex]})
	}
	return all, nil
}

var errSlotSpan = errors.New("span is empty or not in the text")

// prepareTagged writes train.jsonl and, where sentences are held back, held.jsonl.
func prepareTagged(dir string, rows iter.Seq2[Tagged, error], o PrepareOptions) ([]Prepared, error) {
	var out []Prepared
	write := func(name string, rows iter.Seq2[Tagged, error]) error {
		path := filepath.Join(dir, name)
		n, err := WriteJSONL(path, rows)
		out = append(out, Prepared{Path: path, Rows: n})
		return err
	}
	if o.Held == 0 {
		err := write("train.jsonl", rows)
		return out, err
	}
	all, err := Collect(rows)
	if err != nil {
		return nil, err
	}
	train, held := Split(len(all), o.Held, o.Seed)
	for _, part := range []struct {
		name string
		at   []int
	}{{"train.jsonl", train}, {"held.jsonl", held}} {
		if err := write(part.name, func(yield func(Tagged, error) bool) {
			for _, i := range part.at {
				if !yield(all[i], nil) {
					return
				}
			}
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}
