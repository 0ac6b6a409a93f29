package summarizer

import (
	"context"

	"github.com/fmkit/fmkit/shared/adapter"
)

// PredictJSON answers one line {"text", "id"}, or {"sentences", "id"} where they are known, id optional, with a summary of the adapter's own
// length: {"id", "summary_text", "sentences"}.
func (p *Predictor) PredictJSON(ctx context.Context, line []byte) (any, error) {
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
	s, err := p.Summarize(ctx, []Input{{Text: in.Text, Sentences: in.Sentences}}, Options{})
	if err != nil {
		return nil, err
	}
	return Answer(in.ID, s[0]), nil
}

// Answer is what PredictJSON gives for a summary.
func Answer(id string, s Summary) any {
	return struct {
		ID string `json:"id,omitempty"`
		Summary
	}{id, s}
}
