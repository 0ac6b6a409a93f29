package extractive

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/data/datatest"
	"github.com/fmkit/fmkit/shared/metrics"
)

var river = []string{
	"The river rose in the night and the bridge was closed.",
	"A keeper of the bridge saw the river rise first.",
	"Bread was cheap that week.",
	"When the river fell, the keeper opened the bridge.",
}

func TestTextRank(t *testing.T) {
	got := TextRank(river)
	var sum float64
	for _, s := range got {
		sum += s
	}
	if math.Abs(sum-1) > 1e-6 {
		t.Errorf("scores %v sum to %g", got, sum)
	}
	if slices.Min(got) != got[2] {
		t.Errorf("scores %v: the sentence apart isn't last", got)
	}
	reversed := slices.Clone(river)
	slices.Reverse(reversed)
	back := TextRank(reversed)
	for i := range got {
		if math.Abs(got[i]-back[len(back)-1-i]) > 1e-6 {
			t.Errorf("order matters: %v and %v", got, back)
		}
	}
	if TextRank(nil) != nil || TextRank([]string{"x"})[0] != 1 {
		t.Error("no sentence, or a single one")
	}
	same := TextRank([]string{"red apple", "green pear", ""})
	if math.Abs(same[0]-1.0/3) > 1e-9 || math.Abs(same[2]-1.0/3) > 1e-9 {
		t.Errorf("unrelated: %v", same)
	}
}

// TestTextRankFixedPoint works the scores of a small graph out by hand: a and b share two words, b and c one.
func TestTextRankFixedPoint(t *testing.T) {
	got := TextRank([]string{"apple pear plum", "apple pear fig", "fig nut"})
	ab, bc := 2/(2*math.Log(3)), 1/(math.Log(3)+math.Log(2))
	a, b, c := got[0], got[1], got[2]
	const tolerance = 1e-8 // where the iteration stops
	for i, d := range []float64{
		a - (0.05 + 0.85*b*ab/(ab+bc)),
		b - (0.05 + 0.85*(a+c)),
		c - (0.05 + 0.85*b*bc/(ab+bc)),
	} {
		if math.Abs(d) > tolerance {
			t.Errorf("sentence %d is off its fixed point by %g", i, d)
		}
	}
}

func TestOracle(t *testing.T) {
	got, err := Oracle(river, []string{"The keeper opened the bridge when the river fell."}, 3, metrics.ROUGE{})
	if err != nil || len(got) == 0 || !slices.Contains(got, 3) || slices.Contains(got, 2) {
		t.Errorf("got %v %v, want 3 and not 2", got, err)
	}
	none, err := Oracle(river, []string{"Zebras gallop."}, 3, metrics.ROUGE{})
	if err != nil || len(none) != 0 {
		t.Errorf("nothing shared: %v %v", none, err)
	}
	if _, err := Oracle(river, nil, 3, metrics.ROUGE{}); err == nil {
		t.Error("no reference: no error")
	}
}

func TestSelect(t *testing.T) {
	s := []string{"one two three four", "one two three five", "six seven", "eight"}
	for _, c := range []struct {
		name   string
		scores []float64
		b      Budget
		r      Redundancy
		want   []int
	}{
		{"sentences", []float64{4, 3, 2, 1}, Budget{Sentences: 2}, Redundancy{}, []int{0, 1}},
		{"document order", []float64{1, 2, 3, 4}, Budget{Sentences: 2}, Redundancy{}, []int{2, 3}},
		{"trigrams", []float64{4, 3, 2, 1}, Budget{Sentences: 2}, Redundancy{Trigrams: true}, []int{0, 2}},
		{"MMR", []float64{4, 3, 2, 1}, Budget{Sentences: 2}, Redundancy{MMR: 0.6}, []int{0, 2}},
		{"words, passing over", []float64{4, 3, 2, 1}, Budget{Words: 7}, Redundancy{}, []int{0, 2, 3}},
		{"both limits", []float64{4, 3, 2, 1}, Budget{Words: 7, Sentences: 2}, Redundancy{}, []int{0, 2}},
		{"first too long", []float64{4, 3, 2, 1}, Budget{Words: 1}, Redundancy{}, []int{0}},
		{"equal scores", []float64{1, 1, 1, 1}, Budget{Sentences: 2}, Redundancy{}, []int{0, 1}},
		{"more than there are", []float64{4, 3, 2, 1}, Budget{Sentences: 9}, Redundancy{}, []int{0, 1, 2, 3}},
	} {
		got, err := Select(c.scores, s, c.b, c.r)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v %v, want %v", c.name, got, err, c.want)
		}
	}
	good := []float64{1, 2, 3, 4}
	for name, c := range map[string]struct {
		scores []float64
		b      Budget
		r      Redundancy
	}{
		"lengths": {good[:2], Budget{Sentences: 1}, Redundancy{}}, "no budget": {good, Budget{}, Redundancy{}},
		"negative": {good, Budget{Words: -1, Sentences: 1}, Redundancy{}}, "MMR": {good, Budget{Words: 1}, Redundancy{MMR: 2}},
		"MMR is NaN": {good, Budget{Words: 1}, Redundancy{MMR: math.NaN()}}, "infinite": {[]float64{1, math.Inf(1), 1, 1}, Budget{Words: 1}, Redundancy{}}, "NaN": {[]float64{1, math.NaN(), 1, 1}, Budget{Words: 1}, Redundancy{}},
	} {
		if _, err := Select(c.scores, s, c.b, c.r); err == nil || !strings.HasPrefix(err.Error(), "extractive: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLead(t *testing.T) {
	got, err := Select(Lead(4), river, Budget{Sentences: 2}, Redundancy{})
	if err != nil || !slices.Equal(got, []int{0, 1}) {
		t.Errorf("got %v %v", got, err)
	}
}

// TestSciTLDR compares the baselines on real abstracts: one sentence each, ROUGE with stemming, the best of the references. The oracle must
// lie above both others, and its pick agree with the labels that the data gives.
func TestSciTLDR(t *testing.T) {
	r := metrics.ROUGE{Stem: true}
	sum := map[string][]metrics.RougeScores{}
	for d, err := range data.ReadSummaries(datatest.Path(t, "sum-scitldr", "dev.jsonl"), data.SummaryOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		oracle, err := Oracle(d.Sentences, d.Targets, 1, r)
		if err != nil {
			t.Fatal(err)
		}
		rank, err := Select(TextRank(d.Sentences), d.Sentences, Budget{Sentences: 1}, Redundancy{})
		if err != nil {
			t.Fatal(err)
		}
		for name, picked := range map[string][]int{"lead": {0}, "TextRank": rank, "oracle": oracle} {
			s, err := r.ScoreMulti(d.Targets, Join(d.Sentences, picked))
			if err != nil {
				t.Fatal(err)
			}
			sum[name] = append(sum[name], s)
		}
	}
	mean := map[string]float64{}
	for name, all := range sum {
		var m [4]float64
		for _, s := range all {
			for i, v := range []float64{s.Rouge1.F1, s.Rouge2.F1, s.RougeL.F1, s.RougeLsum.F1} {
				m[i] += v / float64(len(all))
			}
		}
		mean[name] = m[0]
		line, _ := json.Marshal(m)
		t.Logf("%-8s %d documents, rouge1 rouge2 rougeL rougeLsum %s", name, len(all), line)
	}
	if mean["oracle"] < mean["lead"]+0.1 || mean["oracle"] < mean["TextRank"]+0.1 || mean["TextRank"] < 0.2 {
		t.Errorf("got %v: want the oracle well above the others", mean)
	}
}
