package metrics

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// TestTargets holds the scores of many labels and of numbers to scikit-learn and scipy in 1,000 random cases.
func TestTargets(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "targets.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases [][]json.RawMessage
	if err := json.Unmarshal(raw, &cases); err != nil || len(cases) != 1000 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for i, c := range cases {
		var labels int
		var digits [5]string
		var want []*float64
		for j, v := range []any{&labels, &digits[0], &digits[1], &digits[2], &digits[3], &digits[4], &want} {
			if err := json.Unmarshal(c[j], v); err != nil {
				t.Fatal(err)
			}
		}
		values := func(s string) []float64 {
			var all []float64
			for _, d := range s {
				all = append(all, float64(d-'0'))
			}
			return all
		}
		truths := func(s string) []bool {
			var all []bool
			for _, d := range s {
				all = append(all, d == '1')
			}
			return all
		}
		m, err := ScoreMultiLabel(truths(digits[0]), truths(digits[1]), values(digits[2]), labels)
		if err != nil {
			t.Fatal(err)
		}
		r, err := ScoreRegression(values(digits[3]), values(digits[4]))
		if err != nil {
			t.Fatal(err)
		}
		for j, got := range []float64{m.MicroF1, m.MacroF1, m.Subset, m.MAP, r.RMSE, r.MAE, r.R2, r.Pearson, r.Spearman} {
			switch {
			case want[j] == nil:
				if !math.IsNaN(got) {
					t.Errorf("case %d: score %d: got %g, want NaN", i, j, got)
				}
			case !(math.Abs(got-*want[j]) <= 1e-8*max(1, math.Abs(*want[j]))):
				t.Errorf("case %d: score %d: got %.10g, want %.10g", i, j, got, *want[j])
			}
		}
	}
}

func TestTargetsRefuse(t *testing.T) {
	one, nan := []float64{1, 2}, []float64{1, math.NaN()}
	for name, err := range map[string]error{
		"no items":     second(ScoreMultiLabel(nil, nil, nil, 1)),
		"labels":       second(ScoreMultiLabel([]bool{true, false}, []bool{true, false}, one, 0)),
		"width":        second(ScoreMultiLabel([]bool{true, false, true}, []bool{true, false, true}, []float64{1, 2, 3}, 2)),
		"scores":       second(ScoreMultiLabel([]bool{true, false}, []bool{true, false}, one[:1], 2)),
		"NaN":          second(ScoreMultiLabel([]bool{true, false}, []bool{true, false}, nan, 1)),
		"one number":   second(ScoreRegression(one[:1], one[:1])),
		"lengths":      second(ScoreRegression(one, one[:1])),
		"not a number": second(ScoreRegression(one, nan)),
	} {
		if err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}
