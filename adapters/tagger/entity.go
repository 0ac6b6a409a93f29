package tagger

import (
	"context"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/tokenizer"
)

const outside = data.Outside

// An Entity is a run of words of one type, as Hugging Face's token-classification pipeline gives it with aggregation_strategy="first": offsets
// count code points.
type Entity struct {
	Group     string  `json:"entity_group"`
	Score     float64 `json:"score"` // the mean of the words' tags'
	Word      string  `json:"word"`  // as the tokenizer spells its tokens; a word with one that it doesn't know as the text does
	Start     int     `json:"start"`
	End       int     `json:"end"`
	StartByte int     `json:"-"`
	EndByte   int     `json:"-"`
	First     int     `json:"-"` // words First to Last-1 of the sentence
	Last      int     `json:"-"`
}

// Predict finds the entities of every text.
func (p *Predictor) Predict(ctx context.Context, texts []string) ([][]Entity, error) {
	sentences := make([]*Sentence, len(texts))
	for i, t := range texts {
		var err error
		if sentences[i], err = NewSentence(p.model, t); err != nil {
			return nil, err
		}
	}
	return p.Find(ctx, sentences)
}

// Find finds the entities of every sentence.
func (p *Predictor) Find(ctx context.Context, sentences []*Sentence) ([][]Entity, error) {
	r := p.Begin(sentences)
	if err := text.Read(ctx, r, batch); err != nil {
		return nil, err
	}
	return r.Entities(), nil
}

// group joins words to entities: one goes on while the type stays the same and no word begins another.
func (p *Predictor) group(s *Sentence, tags []Tag) []Entity {
	all := []Entity{}
	last, open := "", false // the type of the words before; they are an entity
	for i, t := range tags {
		if s.tokens[i].first == s.tokens[i].end {
			continue // nothing that the tokenizer sees
		}
		kind, begins := strings.CutPrefix(t.Label, "B-")
		kind = strings.TrimPrefix(kind, "I-")
		if kind != last || begins || !open {
			open = kind != outside
			if open {
				all = append(all, Entity{Group: kind, First: i})
			}
		}
		last = kind
		if open {
			e := &all[len(all)-1]
			e.Score += t.Score
			e.Last = i + 1
		}
	}
	spans := make([]tokenizer.Span, len(all))
	for i := range all {
		e := &all[i]
		e.StartByte, e.EndByte = s.Words[e.First].Start, s.Words[e.Last-1].End
		spans[i] = tokenizer.Span{Start: e.StartByte, End: e.EndByte}
	}
	for i, at := range tokenizer.CodePoints(s.Text, spans) {
		e := &all[i]
		e.Start, e.End = at.Start, at.End
		e.Score /= float64(s.seen(e.First, e.Last))
		e.Word = p.spelled(s, e)
	}
	return all
}

// seen counts the words from first to last-1 that have tokens.
func (t *Sentence) seen(first, last int) int {
	n := 0
	for _, s := range t.tokens[first:last] {
		if s.end > s.first {
			n++
		}
	}
	return n
}

// spelled gives the tokens of an entity as a text.
func (p *Predictor) spelled(s *Sentence, e *Entity) string {
	t := p.model.Tokenizer
	unknown := func(id int32) bool { return t.IsSpecial(id) }
	ids := s.ids[s.tokens[e.First].first:s.tokens[e.Last-1].end]
	if !slices.ContainsFunc(ids, unknown) {
		return t.Decode(ids, false)
	}
	var words []string
	for i := e.First; i < e.Last; i++ {
		ids, w := s.ids[s.tokens[i].first:s.tokens[i].end], s.Words[i]
		word := s.Text[w.Start:w.End]
		if !slices.ContainsFunc(ids, unknown) {
			word = t.Decode(ids, false)
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}
