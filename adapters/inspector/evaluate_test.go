package inspector

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/random"
)

// charted are maps of 20x20 whose defect, where there is one, has values a little higher.
func charted(n int) []metrics.PixelMap {
	all := make([]metrics.PixelMap, n)
	for i := range all {
		r := random.New(random.Key(uint64(i), "charted"))
		j := metrics.PixelMap{Scores: make([]float32, 400), Width: 20}
		if i%2 == 1 {
			j.Mask = make([]bool, 400)
		}
		for k := range j.Scores {
			j.Scores[k] = float32(r.Normal())
			if x, y := k%20, k/20; j.Mask != nil && x >= 5 && x < 5+i%7+2 && y >= 8 && y < 12 {
				j.Mask[k] = true
				j.Scores[k] += 2
			}
		}
		all[i] = j
	}
	return all
}

// TestPixelIntervals: the scores are exact, and the intervals are near those of exact scores of pictures drawn anew.
func TestPixelIntervals(t *testing.T) {
	const draws = 400
	all := charted(12)
	exact := func(all []metrics.PixelMap) metrics.PixelScore {
		s, err := metrics.PixelScores(slices.Values(all), metrics.DefaultFPRLimit)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	r := random.New(random.Key(1, "pixel draws"))
	drawn := map[string][]float64{}
	for range draws {
		some := make([]metrics.PixelMap, len(all))
		for i := range some {
			some[i] = all[r.IntN(len(all))]
		}
		s := exact(some)
		drawn["pixel_AUROC"], drawn["AUPRO"] = append(drawn["pixel_AUROC"], s.AUROC), append(drawn["AUPRO"], s.AUPRO)
	}
	whole := exact(all)
	err := scorePixels(all, func(name string, i metrics.Interval, err error) error {
		want := map[string]float64{"pixel_AUROC": whole.AUROC, "AUPRO": whole.AUPRO}[name]
		if err != nil || i.Mean != want {
			t.Errorf("%s: got %+v, %v, want %g", name, i, err, want)
		}
		slices.Sort(drawn[name])
		low, high := drawn[name][draws/40], drawn[name][draws-1-draws/40]
		if off := 0.25 * (high - low); math.Abs(i.Low-low) > off || math.Abs(i.High-high) > off {
			t.Errorf("%s: got %g to %g, want about %g to %g", name, i.Low, i.High, low, high)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestScoreVerdicts counts by hand.
func TestScoreVerdicts(t *testing.T) {
	all := []Judged{
		{Kind: "good", Score: 1, Label: OK},
		{Kind: "good", Score: 3, Label: Defect},
		{Kind: "good", Score: 2, Label: Abstain},
		{Kind: "good", Score: 1.5, Label: OK},
		{Kind: "a", Score: 4, Label: Defect},
		{Kind: "a", Score: 2, Label: Abstain},
		{Kind: "b", Score: 5, Label: Defect},
	}
	s, err := ScoreJudged(all, 2.5)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"recall": 2.0 / 3, "false_per_image": 0.25, "F1": 2 * 2.0 / 6, "image_AUROC": 10.5 / 12} {
		if got := s.Values[name]; math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: got %g, want %g", name, got, want)
		}
	}
	if s.Kinds["a"].N != 6 || s.Kinds["b"].Values["recall"] != 1 || len(s.Kinds) != 2 {
		t.Errorf("kinds %v", s.Kinds)
	}
	raw, err := json.Marshal(s)
	if err != nil || !strings.Contains(string(raw), `"kinds":{"a":{`) || strings.Contains(string(raw), "AUPRO") {
		t.Errorf("%s, %v", raw, err)
	}
	for _, scores := range [][]float64{{1}, {1, math.NaN()}} {
		if _, err := ScorePictures([]string{"good", "a"}, scores); err == nil {
			t.Errorf("%v: no error", scores)
		}
	}
	if _, err := ScorePictures([]string{"good", "good"}, []float64{1, 2}); err == nil {
		t.Error("good ones only: no error")
	}
}
