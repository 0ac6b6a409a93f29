package regressor

import (
	"context"

	"github.com/fmkit/fmkit/shared/adapter"
)

// PredictJSON answers one line {"text", "id"}, id optional, with the number: {"id", "score"}.
func (p *Predictor) PredictJSON(ctx context.Context, line []byte) (any, error) {
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
	all, err := p.Predict(ctx, []string{in.Text})
	if err != nil {
		return nil, err
	}
	return Answer(in.ID, all[0]), nil
}

// Answer is what PredictJSON gives for the number of a text.
func Answer(id string, score float64) any {
	return struct {
		ID    string  `json:"id,omitempty"`
		Score float64 `json:"score"`
	}{id, score}
}
