package qa

import (
	"context"
	"errors"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/text"
)

// A Query is a question in JSON: {"question", "context"}, or {"question", "contexts"} to ask several passages.
type Query struct {
	Question string   `json:"question"`
	Context  string   `json:"context"`
	Contexts []string `json:"contexts"`
}

// Inputs gives the question with its passage, or with each of them. What is missing or too much is an error.
func (q *Query) Inputs() ([]Input, error) {
	switch {
	case q.Question == "":
		return nil, adapter.Missing("question")
	case q.Context == "" && q.Contexts == nil:
		return nil, adapter.Missing("context")
	case q.Context != "" && q.Contexts != nil:
		return nil, errors.New(`got "context" and "contexts", want one of them`)
	case q.Contexts == nil:
		return []Input{{q.Question, q.Context}}, nil
	}
	return asked(q.Question, q.Contexts)
}

// Answer is what the line of a query gets for the answers to its inputs.
func (q *Query) Answer(id string, answers []Prediction) any {
	if q.Contexts == nil {
		return Answer(id, answers[0])
	}
	best := Best(answers)
	return struct {
		ID string `json:"id,omitempty"`
		Span
		Passage int `json:"passage"` // number of the one that answers, or comes nearest, from 0
		*calibration.Verdict
	}{id, answers[best].Span, best, answers[best].Verdict}
}

// PredictJSON answers one line {"question", "context", "id"}, id optional, with the best span: {"id", "answer", "score", "start", "end"} and, where the adapter has a
// calibration, {"verdict", "confidence", "why"}. A line {"question", "contexts", "id"} asks a list of passages; its answer has the number of the passage, "passage", too.
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
		ID string `json:"id"`
		Query
	}
	if err := adapter.ParseLine(line, &in); err != nil {
		return nil, err
	}
	inputs, err := in.Inputs()
	if err != nil {
		return nil, err
	}
	r, err := p.Begin(inputs)
	if err != nil {
		return nil, err
	}
	return &text.Question{Reader: r, Answer: func() (any, error) { return in.Query.Answer(in.ID, r.Answers()), nil }}, nil
}

// Answer is what PredictJSON gives for a prediction.
func Answer(id string, p Prediction) any {
	return struct {
		ID string `json:"id,omitempty"`
		Span
		*calibration.Verdict
	}{id, p.Span, p.Verdict}
}
