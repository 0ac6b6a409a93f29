package multilabel

import (
	"context"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text"
)

// PredictJSON answers one line {"text", "id"}, id optional, with a list of {"label", "score"}, best first, of the labels that reach the threshold; with an id
// {"id", "answers"}.
func (p *Predictor) PredictJSON(ctx context.Context, line []byte) (any, error) {
	q, err := p.BeginJSON(line)
	if err != nil {
		return nil, err
	}
	return text.Ask(ctx, q, 1)
}

// BeginJSON lays a line of PredictJSON out for the model.
func (p *Predictor) BeginJSON(line []byte) (*text.Question, error) {
	id, in, err := adapter.ParseText(line)
	if err != nil {
		return nil, err
	}
	return p.Question(id, in), nil
}

// Question lays a text out for the model. The answer is that of PredictJSON.
func (p *Predictor) Question(id, in string) *text.Question {
	r := p.scorer.Begin(in)
	return &text.Question{Reader: r, Answer: func() (any, error) { return adapter.WithID(id, p.reached(r.Scores)), nil }}
}
