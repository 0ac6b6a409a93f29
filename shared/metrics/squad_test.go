package metrics

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/data/datatest"
)

// TestSQuADPublished scores the answers of published systems and wants their known scores, which are given to 0.01 %.
func TestSQuADPublished(t *testing.T) {
	var file struct {
		Data []struct {
			Paragraphs []struct {
				QAs []struct {
					ID      string
					Answers []struct{ Text string }
				}
			}
		}
	}
	readJSON(t, datatest.Path(t, "qa-squad", "squad-dev-v1.1.part-dev.json"), &file)
	var items []SQuADItem
	for _, a := range file.Data {
		for _, p := range a.Paragraphs {
			for _, q := range p.QAs {
				it := SQuADItem{ID: q.ID}
				for _, a := range q.Answers {
					it.Answers = append(it.Answers, a.Text)
				}
				items = append(items, it)
			}
		}
	}
	for _, c := range []struct {
		name    string
		em, f1  float64
		missing int
	}{
		{"bert-ensemble", 86.64, 92.67, 0},
		{"match-lstm", 68.85, 77.87, 0},
		{"logreg-baseline", 40.80, 51.46, 7},
	} {
		var predictions map[string]string
		readJSON(t, datatest.Path(t, "qa-squad", "reference-predictions."+c.name+".json"), &predictions)
		s, err := SQuAD(items, predictions)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(100*s.ExactMatch-c.em) > 0.005 || math.Abs(100*s.F1-c.f1) > 0.005 || s.Missing != c.missing || s.N != 7176 {
			t.Errorf("%s: got %.4f / %.4f, %d of %d missing; want %.2f / %.2f, %d missing", c.name,
				100*s.ExactMatch, 100*s.F1, s.Missing, s.N, c.em, c.f1, c.missing)
		}
	}
}

func TestSQuADRules(t *testing.T) {
	for _, c := range []struct {
		name       string
		version2   bool
		answers    []string
		prediction string
		em, f1     float64
	}{
		{"article and case", false, []string{"The Cat"}, "a cat!", 1, 1},
		{"best of several", false, []string{"red house", "house"}, "house", 1, 1},
		{"repeated token counts once", false, []string{"cat"}, "cat cat", 0, 2.0 / 3},
		{"both empty after normalisation: F1 0 in version 1", false, []string{"the"}, "a", 1, 0},
		{"both empty after normalisation: the answer doesn't count in version 2", true, []string{"the"}, "", 1, 1},
		{"no answer, rightly", true, nil, "", 1, 1},
		{"no answer, but one given", true, nil, "cat", 0, 0},
		{"answer missed", true, []string{"cat"}, "", 0, 0},
	} {
		score := SQuAD
		if c.version2 {
			score = SQuAD2
		}
		s, err := score([]SQuADItem{{"q", c.answers}}, map[string]string{"q": c.prediction})
		if err != nil || s.ExactMatch != c.em || math.Abs(s.F1-c.f1) > exact {
			t.Errorf("%s: got %g %g %v, want %g %g", c.name, s.ExactMatch, s.F1, err, c.em, c.f1)
		}
	}
	if _, err := SQuAD([]SQuADItem{{ID: "q"}}, nil); err == nil {
		t.Error("version 1 took a question without answers")
	}
	if _, err := SQuAD2(nil, nil); err == nil {
		t.Error("scored nothing")
	}
}

func TestBestThresholdTies(t *testing.T) {
	items := []SQuADItem{{ID: "a", Answers: []string{"x"}}, {ID: "b"}, {ID: "c", Answers: []string{"x"}}}
	predictions := map[string]string{"a": "x", "b": "y", "c": "x"}
	s, err := SQuAD2(items, predictions)
	if err != nil {
		t.Fatal(err)
	}
	// a and b stand or fall together: answering both wins nothing, so c has to be answered too.
	best, err := BestThreshold(items, predictions, s, map[string]float64{"a": 0.1, "b": 0.1, "c": 0.5})
	if err != nil || !near(best.F1, 2.0/3) || best.F1At != 0.5 {
		t.Errorf("got %+v %v, want 2/3 at 0.5", best, err)
	}
	if _, err := BestThreshold(items[:1], predictions, s, nil); err == nil {
		t.Error("took scores of other items")
	}
}

func FuzzNormalizeAnswer(f *testing.F) {
	for _, s := range []string{"", "The cat", "a an the", "İΣ", "\xff the", "x_the"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := NormalizeAnswer(s)
		if _, err := json.Marshal(n); err != nil {
			t.Fatal(err)
		}
		if NormalizeAnswer(n) != n && len(s) == len([]rune(s)) { // casing of ASCII is stable
			t.Errorf("not stable: %q gives %q gives %q", s, n, NormalizeAnswer(n))
		}
	})
}

// TestBestThresholdOfNone holds that no score is above the threshold where every answer is wrong, below 0 too.
func TestBestThresholdOfNone(t *testing.T) {
	items := []SQuADItem{{ID: "a"}, {ID: "b", Answers: []string{"river"}}}
	answers := map[string]string{"a": "bank", "b": "bank"}
	scores, err := SQuAD2(items, answers)
	if err != nil {
		t.Fatal(err)
	}
	got, err := BestThreshold(items, answers, scores, map[string]float64{"a": -3, "b": -2})
	if err != nil || got.F1 != 0.5 || got.F1At >= -3 || got.ExactMatchAt >= -3 {
		t.Errorf("got %+v, %v, want thresholds below -3", got, err)
	}
}
