package search

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
)

// Depth is how many passages a query is scored on.
const Depth = 10

// Evaluate searches for queries and scores what is found.
func Evaluate(ctx context.Context, x *Index, queries []data.Query) (adapter.Scores, error) {
	texts := make([]string, len(queries))
	for i, q := range queries {
		texts[i] = q.Text
	}
	found, err := x.Search(ctx, texts, Depth)
	if err != nil {
		return adapter.Scores{}, err
	}
	ids := make([][]string, len(found))
	for i, hits := range found {
		for _, h := range hits {
			ids[i] = append(ids[i], h.ID)
		}
	}
	return Score(x.passages, queries, ids)
}

// Score compares the identifiers of the passages that were found for queries, best first, whoever found them, with the queries' own: recall@1, recall@5, recall@10,
// mrr@10 and ndcg@10, the means over queries, with their 95 % intervals. An identifier of a query that no passage has is data.ErrUnknown.
func Score(passages []data.Passage, queries []data.Query, found [][]string) (adapter.Scores, error) {
	if len(found) != len(queries) {
		return adapter.Scores{}, fmt.Errorf("search: got answers to %d queries, want %d", len(found), len(queries))
	}
	known := make(map[string]bool, len(passages))
	for _, p := range passages {
		known[p.ID] = true
	}
	items := map[string][]float64{}
	for i, q := range queries {
		want := map[string]bool{}
		for _, id := range q.IDs {
			if !known[id] {
				return adapter.Scores{}, fmt.Errorf("search: query %d: %w: no passage has the id %.80q", i+1, data.ErrUnknown, id)
			}
			want[id] = true
		}
		ranked := make([]bool, len(found[i]))
		for j, id := range found[i] {
			ranked[j] = want[id]
		}
		for _, k := range []int{1, 5, Depth} {
			name := fmt.Sprintf("recall@%d", k)
			items[name] = append(items[name], metrics.RecallAt(ranked, len(want), k))
		}
		items["mrr@10"] = append(items["mrr@10"], metrics.ReciprocalRank(ranked, Depth))
		items["ndcg@10"] = append(items["ndcg@10"], metrics.NDCG(ranked, len(want), Depth))
	}
	s, err := adapter.MeanScores(len(queries), items)
	if err != nil {
		return adapter.Scores{}, fmt.Errorf("search: %w", err)
	}
	return s, nil
}
