package document

import (
	"context"

	"github.com/fmkit/fmkit/shared/adapter"
)

// PredictJSON answers one line {"text", "id"}, id optional, with a Document.
func (a *Analyzer) PredictJSON(ctx context.Context, line []byte) (any, error) {
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
	d, err := a.Analyze(ctx, in.Text)
	if err != nil {
		return nil, err
	}
	d.ID = in.ID
	return d, nil
}
