package qa

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/data"
)

// TestScoreGolden compares with the rules of SQuAD 2.0 in Python; cmd/bench/golden/squad2.py makes the file.
func TestScoreGolden(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "squad2.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Items []struct {
			ID      string
			Answers []string
		}
		Predictions map[string]string
		Scores      map[string]float64
	}
	if err := json.Unmarshal(raw, &cases); err != nil || len(cases) != 100 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for i, c := range cases {
		var questions []data.Question
		for _, it := range c.Items {
			q := data.Question{ID: it.ID, Impossible: len(it.Answers) == 0}
			for _, a := range it.Answers {
				q.Answers = append(q.Answers, data.Answer{Text: a})
			}
			questions = append(questions, q)
		}
		s, err := Score(questions, c.Predictions)
		if err != nil || s.N != len(c.Items) {
			t.Fatal(s, err)
		}
		if got, want := slices.Sorted(maps.Keys(s.Values)), slices.Sorted(maps.Keys(c.Scores)); !slices.Equal(got, want) {
			t.Errorf("case %d: got scores %v, want %v", i, got, want)
		}
		for k, want := range c.Scores {
			if got := s.Values[k]; math.Abs(got-want) > 1e-12 { // the same sums, up to the order of a few additions
				t.Errorf("case %d: %s is %g, want %g", i, k, got, want)
			}
			if at := s.Interval[k]; at[0] > s.Values[k]+1e-12 || at[1] < s.Values[k]-1e-12 {
				t.Errorf("case %d: %s is %g in %v", i, k, s.Values[k], at)
			}
		}
	}
}

// TestScoreKinds: version 1.1 has one kind of question, and no scores of kinds.
func TestScoreKinds(t *testing.T) {
	has := data.Question{ID: "1", Answers: []data.Answer{{Text: "sea"}}}
	s, err := Score([]data.Question{has}, map[string]string{"1": "sea"})
	if err != nil || len(s.Values) != 2 {
		t.Errorf("got %v, %v, want exact_match and f1", s, err)
	}
	s, err = Score([]data.Question{has, {ID: "2", Impossible: true}}, map[string]string{"1": "sea", "2": "tree"})
	if err != nil || s.Values["HasAns_f1"] != 1 || s.Values["NoAns_f1"] != 0 || s.Values["f1"] != 0.5 {
		t.Errorf("got %v, %v", s, err)
	}
}
