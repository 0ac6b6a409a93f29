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
	id, in, err := adapter.ParseText(line)
	if err != nil {
		return nil, err
	}
	return p.Question(id, in), nil
}

// Question lays a text out for the model. The answer is that of PredictJSON.
func (p *Predictor) Question(id, in string) *text.Question {
	r := p.Begin([]string{in})
	return &text.Question{Reader: r, Answer: func() (any, error) { return Answer(id, r.Judged[0]), nil }}
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
