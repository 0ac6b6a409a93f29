package classifier

import (
	"context"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/text"
)

// PredictJSON answers one line {"text", "id"}, id optional, with the best label: {"id", "label", "score"} and, where the adapter has a
// calibration, {"verdict", "confidence", "why", "labels"}.
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
		ID   string `json:"id"`
		Text string `json:"text"`
	}
	if err := adapter.ParseLine(line, &in); err != nil {
		return nil, err
	}
	if in.Text == "" {
		return nil, adapter.Missing("text")
	}
	r := p.Begin([]string{in.Text})
	return &text.Question{Reader: r, Answer: func() (any, error) { return Answer(in.ID, r.Judged[0]), nil }}, nil
}

// Answer is what PredictJSON gives for a text that was judged.
func Answer(id string, j Judged) any {
	return struct {
		ID string `json:"id,omitempty"`
		Score
		*calibration.Verdict
		Labels []string `json:"labels,omitzero"`
	}{id, j.Scores[0], j.Verdict, j.Labels}
}
