package summarizer

import (
	"context"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text"
)

// PredictJSON answers one line {"text", "id"}, or {"sentences", "id"} where they are known, id optional, with a summary of the adapter's own
// length: {"id", "summary_text", "sentences"}.
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
		ID        string   `json:"id"`
		Text      string   `json:"text"`
		Sentences []string `json:"sentences"`
	}
	if err := adapter.ParseLine(line, &in); err != nil {
		return nil, err
	}
	if in.Text == "" && len(in.Sentences) == 0 {
		return nil, adapter.Missing("text")
	}
	r := p.Begin([]Input{{Text: in.Text, Sentences: in.Sentences}}, Options{})
	return &text.Question{Reader: r, Answer: func() (any, error) {
		all, err := r.Summaries()
		if err != nil {
			return nil, err
		}
		return Answer(in.ID, all[0]), nil
	}}, nil
}

// Answer is what PredictJSON gives for a summary.
func Answer(id string, s Summary) any {
	return struct {
		ID string `json:"id,omitempty"`
		Summary
	}{id, s}
}
