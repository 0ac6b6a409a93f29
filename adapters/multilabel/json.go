package multilabel

import (
	"context"

	"github.com/fmkit/fmkit/shared/adapter"
)

// PredictJSON answers one line {"text", "id"}, id optional, with a list of {"label", "score"}, best first, of the labels that reach the threshold; with an id
// {"id", "answers"}.
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
	return adapter.WithID(in.ID, all[0]), nil
}
