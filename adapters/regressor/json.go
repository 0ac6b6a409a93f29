package regressor

import (
	"context"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text"
)

// PredictJSON answers one line {"text", "id"}, id optional, with the number: {"id", "score"}.
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
	return &text.Question{Reader: r, Answer: func() (any, error) { return Answer(id, p.number(r.Scores)), nil }}
}

// Answer is what PredictJSON gives for the number of a text.
func Answer(id string, score float64) any {
	return struct {
		ID    string  `json:"id,omitempty"`
		Score float64 `json:"score"`
	}{id, score}
}
