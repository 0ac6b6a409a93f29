package qa

import (
	"context"

	"github.com/fmkit/fmkit/shared/adapter"
)

// PredictJSON answers one line {"question", "context", "id"}, id optional, with the best span: {"id", "answer", "score", "start", "end"}.
func (p *Predictor) PredictJSON(ctx context.Context, line []byte) (any, error) {
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
	answers, err := p.Answer(ctx, []Input{{Question: in.Question, Context: in.Context}})
	if err != nil {
		return nil, err
	}
	return Answer(in.ID, answers[0]), nil
}

// Answer is what PredictJSON gives for a prediction.
func Answer(id string, p Prediction) any {
	return struct {
		ID string `json:"id,omitempty"`
		Span
	}{id, p.Span}
}
