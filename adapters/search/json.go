package search

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/adapter"
)

// MaxK bounds the passages of one answer.
const MaxK = 10000

// PredictJSON answers one line {"query", "k", "id"}, k (10) and id optional, with a list of {"corpus_id", "score", "id", "text"}; with an id
// {"id", "answers"}.
func (x *Index) PredictJSON(ctx context.Context, line []byte) (any, error) {
	in := struct {
		ID    string `json:"id"`
		Query string `json:"query"`
		K     int    `json:"k"`
	}{K: 10}
	if err := adapter.ParseLine(line, &in); err != nil {
		return nil, err
	}
	if in.Query == "" {
		return nil, adapter.Missing("query")
	}
	if in.K < 1 || in.K > MaxK {
		return nil, fmt.Errorf("k: got %d, want 1 to %d", in.K, MaxK)
	}
	hits, err := x.Search(ctx, []string{in.Query}, in.K)
	if err != nil {
		return nil, err
	}
	return adapter.WithID(in.ID, hits[0]), nil
}
