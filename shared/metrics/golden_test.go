package metrics

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// exact: the same sums of the same numbers, up to the order of a few additions.
const exact = 1e-12

type rougeCase struct {
	Targets     []string
	Prediction  string
	Plain, Stem map[string][3]float64
}

// golden is made by cmd/bench/golden/metrics.py.
type golden struct {
	Rouge     []rougeCase
	Stems     map[string]string
	Normalize [][2]string
	SQuAD2    struct {
		Items       []SQuADItem
		Predictions map[string]string
		NoAnswer    map[string]float64 `json:"no_answer"`
		EM, F1      []float64
		BestEM      [2]float64 `json:"best_em"`
		BestF1      [2]float64 `json:"best_f1"`
	}
	Classification []struct {
		True, Pred []string
		Accuracy   float64
		MacroF1    float64 `json:"macro_f1"`
		Confusion  [][]int
	}
	AUC []struct {
		True  []bool
		Score []float64
		AUC   float64
	}
	Summary []struct {
		Values               []float64
		Mean, IQM, Low, High float64
		SD                   *float64
	}
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

func readGolden(t *testing.T) golden {
	t.Helper()
	var g golden
	readJSON(t, filepath.Join("testdata", "golden.json"), &g)
	if len(g.Rouge) < 50 || len(g.Normalize) == 0 || len(g.SQuAD2.Items) == 0 || len(g.Classification) == 0 || len(g.AUC) == 0 || len(g.Summary) == 0 {
		t.Fatal("golden.json lacks cases")
	}
	return g
}

func near(a, b float64) bool { return math.Abs(a-b) <= exact }

func TestROUGEGolden(t *testing.T) { checkROUGE(t, readGolden(t).Rouge) }

// TestROUGEPairs compares with rouge-score on 500 real pairs; the file comes from the golden script.
func TestROUGEPairs(t *testing.T) {
	path := os.Getenv("FMKIT_ROUGE_PAIRS")
	if path == "" {
		t.Skip("FMKIT_ROUGE_PAIRS is not set")
	}
	var cases []rougeCase
	readJSON(t, path, &cases)
	if len(cases) != 500 {
		t.Fatalf("got %d pairs, want 500", len(cases))
	}
	checkROUGE(t, cases)
}

func checkROUGE(t *testing.T, cases []rougeCase) {
	t.Helper()
	for i, c := range cases {
		for _, stem := range []bool{false, true} {
			got, err := ROUGE{Stem: stem}.ScoreMulti(c.Targets, c.Prediction)
			if err != nil {
				t.Fatal(err)
			}
			want := c.Plain
			if stem {
				want = c.Stem
			}
			for name, s := range map[string]RougeScore{
				"rouge1": got.Rouge1, "rouge2": got.Rouge2, "rougeL": got.RougeL, "rougeLsum": got.RougeLsum,
			} {
				w := want[name]
				if !near(s.Precision, w[0]) || !near(s.Recall, w[1]) || !near(s.F1, w[2]) {
					t.Errorf("pair %d, stem %t, %s: got %v, want %v\ntargets %q\nprediction %q", i, stem, name, s, w, c.Targets, c.Prediction)
				}
			}
		}
	}
}

func TestPorterGolden(t *testing.T) { checkStems(t, readGolden(t).Stems) }

// TestPorterWords compares with NLTK on every word of some books; the file comes from the golden script.
func TestPorterWords(t *testing.T) {
	path := os.Getenv("FMKIT_STEMS")
	if path == "" {
		t.Skip("FMKIT_STEMS is not set")
	}
	var words map[string]string
	readJSON(t, path, &words)
	t.Logf("%d words", len(words))
	checkStems(t, words)
}

func checkStems(t *testing.T, words map[string]string) {
	t.Helper()
	if len(words) < 100 {
		t.Fatalf("got %d words", len(words))
	}
	for w, want := range words {
		if got := PorterStem(w); got != want {
			t.Errorf("PorterStem(%q) = %q, want %q", w, got, want)
		}
	}
}

func TestNormalizeAnswerGolden(t *testing.T) {
	for _, c := range readGolden(t).Normalize {
		if got := NormalizeAnswer(c[0]); got != c[1] {
			t.Errorf("NormalizeAnswer(%q) = %q, want %q", c[0], got, c[1])
		}
	}
}

func TestSQuAD2Golden(t *testing.T) {
	g := readGolden(t).SQuAD2
	s, err := SQuAD2(g.Items, g.Predictions)
	if err != nil {
		t.Fatal(err)
	}
	for i := range g.Items {
		if !near(s.ItemEM[i], g.EM[i]) || !near(s.ItemF1[i], g.F1[i]) {
			t.Errorf("item %d: got %g %g, want %g %g", i, s.ItemEM[i], s.ItemF1[i], g.EM[i], g.F1[i])
		}
	}
	best, err := BestThreshold(g.Items, g.Predictions, s, g.NoAnswer)
	if err != nil {
		t.Fatal(err)
	}
	if !near(best.ExactMatch, g.BestEM[0]) || !near(best.ExactMatchAt, g.BestEM[1]) || !near(best.F1, g.BestF1[0]) || !near(best.F1At, g.BestF1[1]) {
		t.Errorf("got %+v, want exact %v, F1 %v", best, g.BestEM, g.BestF1)
	}
}

func TestClassificationGolden(t *testing.T) {
	for i, c := range readGolden(t).Classification {
		a, err := Accuracy(c.True, c.Pred)
		if err != nil || !near(a, c.Accuracy) {
			t.Errorf("%d: accuracy %g %v, want %g", i, a, err, c.Accuracy)
		}
		f, err := MacroF1(c.True, c.Pred)
		if err != nil || !near(f, c.MacroF1) {
			t.Errorf("%d: macro F1 %g %v, want %g", i, f, err, c.MacroF1)
		}
		m, _, err := ConfusionMatrix(c.True, c.Pred, nil)
		if err != nil || !reflect.DeepEqual(m, c.Confusion) {
			t.Errorf("%d: confusion %v %v, want %v", i, m, err, c.Confusion)
		}
	}
}

func TestROCAUCGolden(t *testing.T) {
	for i, c := range readGolden(t).AUC {
		if got, err := ROCAUC(c.True, c.Score); err != nil || !near(got, c.AUC) {
			t.Errorf("%d: got %g %v, want %g", i, got, err, c.AUC)
		}
	}
}

func TestSummaryGolden(t *testing.T) {
	for i, c := range readGolden(t).Summary {
		if got := Mean(c.Values); !near(got, c.Mean) {
			t.Errorf("%d: mean %g, want %g", i, got, c.Mean)
		}
		if got := IQM(c.Values); !near(got, c.IQM) {
			t.Errorf("%d: IQM %g, want %g", i, got, c.IQM)
		}
		if got := SD(c.Values); c.SD == nil && !math.IsNaN(got) || c.SD != nil && !near(got, *c.SD) {
			t.Errorf("%d: SD %g, want %v", i, got, c.SD)
		}
		iv, err := interval(0, append([]float64(nil), c.Values...))
		if err != nil || !near(iv.Low, c.Low) || !near(iv.High, c.High) {
			t.Errorf("%d: quantiles %v %v, want %g %g", i, iv, err, c.Low, c.High)
		}
	}
}
