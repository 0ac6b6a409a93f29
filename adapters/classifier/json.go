package classifier

import (
	"context"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
)

// PredictJSON answers one line {"text", "id"}, id optional, with the best label: {"id", "label", "score"} and, where the adapter has a
// calibration, {"verdict", "confidence", "why", "labels"}.
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
	judged, err := p.Judge(ctx, []string{in.Text})
	if err != nil {
		return nil, err
	}
	return Answer(in.ID, judged[0]), nil
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
