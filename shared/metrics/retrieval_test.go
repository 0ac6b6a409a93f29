package metrics

import (
	"fmt"
	"path/filepath"
	"testing"
)

func TestRetrievalGolden(t *testing.T) {
	var cases []struct {
		Ranked   []bool
		Relevant int
		Recall1  float64 `json:"recall_1"`
		Recall5  float64 `json:"recall_5"`
		Recall10 float64 `json:"recall_10"`
		NDCG5    float64 `json:"ndcg_cut_5"`
		NDCG10   float64 `json:"ndcg_cut_10"`
		Rank     float64 `json:"recip_rank"`
	}
	readJSON(t, filepath.Join("testdata", "retrieval.json"), &cases)
	if len(cases) < 40 {
		t.Fatalf("%d cases", len(cases))
	}
	for i, c := range cases {
		r, n := c.Ranked, c.Relevant
		got := [6]float64{RecallAt(r, n, 1), RecallAt(r, n, 5), RecallAt(r, n, 10), NDCG(r, n, 5), NDCG(r, n, 10), ReciprocalRank(r, len(r))}
		for j, want := range [6]float64{c.Recall1, c.Recall5, c.Recall10, c.NDCG5, c.NDCG10, c.Rank} {
			if !near(got[j], want) {
				t.Errorf("case %d: score %d: got %v, want %v", i, j, got[j], want)
			}
		}
	}
}

func ExampleNDCG() {
	ranked := []bool{false, true} // the second of two passages answers
	fmt.Printf("%.2f %.2f %.2f\n", RecallAt(ranked, 1, 1), ReciprocalRank(ranked, 10), NDCG(ranked, 1, 10))
	// Output: 0.00 0.50 0.63
}
