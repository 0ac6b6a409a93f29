package tagger

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// A Sentence is a text with its words.
type Sentence struct {
	Text  string
	Words []tokenizer.Span // bytes of Text, in order

	ids    []int32 // of the tokens, without special ones
	tokens []span  // of every word, in ids; empty for a word of characters that the tokenizer drops
}

// A span is a range of tokens.
type span struct{ first, end int }

// NewSentence divides a text into the words that the tokenizer does.
func NewSentence(m *text.Model, s string) (*Sentence, error) {
	e, err := m.Tokenizer.EncodePlain(s)
	if err != nil {
		return nil, fmt.Errorf("tagger: %w", err)
	}
	t := &Sentence{Text: s, ids: e.IDs}
	word := int32(-1)
	for i, o := range e.Offsets {
		if last := len(t.Words) - 1; e.Words[i] == word && i > 0 {
			t.Words[last].End, t.tokens[last].end = o.End, i+1
			continue
		}
		word = e.Words[i]
		t.Words, t.tokens = append(t.Words, o), append(t.tokens, span{i, i + 1})
	}
	return t, nil
}

// JoinWords makes a text of words, with a blank between two.
func JoinWords(m *text.Model, words []string) (*Sentence, error) {
	t := &Sentence{Text: strings.Join(words, " "), tokens: make([]span, len(words))}
	e, err := m.Tokenizer.EncodePlain(t.Text)
	if err != nil {
		return nil, fmt.Errorf("tagger: %w", err)
	}
	t.ids = e.IDs
	at, token := 0, 0
	for i, w := range words {
		end := at + len(w)
		t.Words = append(t.Words, tokenizer.Span{Start: at, End: end})
		first := token
		for token < len(e.Offsets) && e.Offsets[token].Start < end { // one that reaches over the end is of the word that it begins in
			token++
		}
		t.tokens[i] = span{first, token}
		at = end + 1
	}
	return t, nil
}

// A Row is some words of a sentence, for the encoder.
type Row struct {
	text.Row
	Words []int // of the sentence
	At    []int // the position of each word's first token in the row
}

// Rows lays a sentence out in rows of at most length tokens, with as many whole words in each as fit. Of a word that no row holds only the first tokens
// are read. Words without tokens are in no row.
func (t *Sentence) Rows(m *text.Model, length int) []Row { return t.Windows(m, length, 0) }

// Windows is Rows for long texts: neighbouring rows have whole words of up to overlap tokens in common, at most half a row, so that every word is read with words on both sides. The first
// half of these is answered by the row before, the others by the one behind: a row's Words and At are those that it answers.
func (t *Sentence) Windows(m *text.Model, length, overlap int) []Row {
	f := m.Tokenizer.Frame(false)
	room := length - f.Len()
	overlap = min(max(overlap, 0), room/2)
	var words []int // with tokens
	for i, s := range t.tokens {
		if s.end > s.first && room > 0 {
			words = append(words, i)
		}
	}
	size := func(i int) int { return min(t.tokens[words[i]].end-t.tokens[words[i]].first, room) }
	var all []Row
	answered := 0 // words of rows before
	for from := 0; answered < len(words); {
		var r Row
		r.IDs = slices.Clone(f.Before)
		to, n := from, 0
		var at []int
		for ; to < len(words) && n+size(to) <= room; to++ {
			first := t.tokens[words[to]].first
			at = append(at, len(r.IDs))
			r.IDs = append(r.IDs, t.ids[first:first+size(to)]...)
			n += size(to)
		}
		r.IDs = append(r.IDs, f.After...)
		next := to // the first word of the next row
		if to < len(words) {
			for common := 0; next > from+1 && common+size(next-1) <= min(overlap, room-size(to)); next-- {
				common += size(next - 1)
			}
		}
		until := max(answered, next+(to-next)/2)
		if to == len(words) {
			until = to
		}
		if until > answered {
			r.Words, r.At = words[answered:until:until], at[answered-from:until-from]
			all = append(all, r)
		}
		from, answered = next, until
	}
	return all
}
