package baseline_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/fmkit/fmkit/adapters/search/baseline"
	"github.com/fmkit/fmkit/shared/data"
)

var passages = []data.Passage{
	{ID: "a", Text: "The pump needs new oil."},
	{ID: "b", Text: "A cat sleeps; the cat purrs."},
	{ID: "c", Text: "The dog sleeps in the hay, in the hay."},
}

// TestFormula computes a score by hand.
func TestFormula(t *testing.T) {
	hits := baseline.New(passages).Search("CAT sleeps?", 5)
	if len(hits) != 2 || hits[0].ID != "b" || hits[1].ID != "c" {
		t.Fatalf("got %+v", hits)
	}
	// 5, 6 and 9 words, 20/3 on average; cat is in one passage, twice, and sleeps in two.
	norm := 1.2 * (0.25 + 0.75*6/(20.0/3))
	want := math.Log(1+2.5/1.5)*2/(2+norm) + math.Log(1+1.5/2.5)*1/(1+norm)
	if math.Abs(hits[0].Score-want) > 1e-12 {
		t.Errorf("got %v, want %v", hits[0].Score, want)
	}
}

func TestEvaluate(t *testing.T) {
	m := baseline.New(passages)
	s, err := m.Evaluate([]data.Query{{Text: "oil for the pump", IDs: []string{"a"}}, {Text: "who purrs", IDs: []string{"b", "c"}}})
	if err != nil || s.N != 2 || s.Values["recall@10"] != 0.75 || s.Values["mrr@10"] != 1 {
		t.Errorf("%v, %v", s, err)
	}
	if _, err := m.Evaluate([]data.Query{{Text: "x", IDs: []string{"z"}}}); err == nil {
		t.Error("an unknown id is accepted")
	}
}

func ExampleBM25_Search() {
	for _, h := range baseline.New(passages).Search("where does the dog sleep", 1) {
		fmt.Println(h.ID, h.Text)
	}
	// Output: c The dog sleeps in the hay, in the hay.
}
