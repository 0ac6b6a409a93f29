package tagger

import (
	"context"
	"errors"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text"
)

// PredictJSON answers one line {"text", "id"}, or {"tokens", "id"} where the words are known, id optional, with a list of {"entity_group", "score", "word",
// "start", "end"}; with an id {"id", "answers"}. Offsets are those in the text, or in the tokens joined by blanks.
func (p *Predictor) PredictJSON(ctx context.Context, line []byte) (any, error) {
	q, err := p.BeginJSON(line)
	if err != nil {
		return nil, err
	}
	return text.Ask(ctx, q, batch)
}

// BeginJSON lays a line of PredictJSON out for the model.
func (p *Predictor) BeginJSON(line []byte) (*text.Question, error) {
	var in struct {
		ID     string   `json:"id"`
		Text   string   `json:"text"`
		Tokens []string `json:"tokens"`
	}
	if err := adapter.ParseLine(line, &in); err != nil {
		return nil, err
	}
	var s *Sentence
	var err error
	switch {
	case in.Text == "" && len(in.Tokens) == 0:
		return nil, adapter.Missing("text")
	case in.Text != "" && len(in.Tokens) > 0:
		return nil, errors.New(`got "text" and "tokens", want one of them`)
	case in.Text != "":
		s, err = NewSentence(p.model, in.Text)
	default:
		s, err = JoinWords(p.model, in.Tokens)
	}
	if err != nil {
		return nil, err
	}
	r := p.Begin([]*Sentence{s})
	return &text.Question{Reader: r, Answer: func() (any, error) { return adapter.WithID(in.ID, r.Entities()[0]), nil }}, nil
}
