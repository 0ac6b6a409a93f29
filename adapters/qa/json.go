package qa

import (
	"context"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text"
)

// PredictJSON answers one line {"question", "context", "id"}, id optional, with the best span: {"id", "answer", "score", "start", "end"}.
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
		ID       string `json:"id"`
		Question string `json:"question"`
		Context  string `json:"context"`
	}
	if err := adapter.ParseLine(line, &in); err != nil {
		return nil, err
	}
	switch {
	case in.Question == "":
		return nil, adapter.Missing("question")
	case in.Context == "":
		return nil, adapter.Missing("context")
	}
	r, err := p.Begin([]Input{{Question: in.Question, Context: in.Context}})
	if err != nil {
		return nil, err
	}
	return &text.Question{Reader: r, Answer: func() (any, error) { return Answer(in.ID, r.Answers()[0]), nil }}, nil
}

// Answer is what PredictJSON gives for a prediction.
func Answer(id string, p Prediction) any {
	return struct {
		ID string `json:"id,omitempty"`
		Span
	}{id, p.Span}
}
