package metrics

import (
	"errors"
	"iter"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/random"
)

// anomalyGolden is made by testdata/anomaly.py.
type anomalyGolden struct {
	Rankings []struct {
		True           []bool
		Score          []float64
		AUC, AP        float64
		At, F1         float64
		BestF1         float64 `json:"best_f1"`
		BestAt         float64 `json:"best_at"`
		Recall, Alarms []float64
	}
	Pixels []struct {
		Width   int
		Maps    [][]float32
		Masks   [][]bool
		AUROC   float64
		AUPRO   []float64
		Regions int
	}
	Boxes []struct {
		IoU    float64
		Images int
		Truth  []struct {
			Image int
			Class string
			Box   [4]float64
		}
		Found []struct {
			Image int
			Class string
			Box   [4]float64
			Score float64
		}
		AP, Recall []float64
		MAP        float64 `json:"map"`
	}
}

func readAnomaly(t *testing.T) (g anomalyGolden) {
	t.Helper()
	readJSON(t, filepath.Join("testdata", "anomaly.json"), &g)
	if len(g.Rankings) < 5 || len(g.Pixels) < 3 || len(g.Boxes) < 2 {
		t.Fatal("anomaly.json lacks cases")
	}
	return g
}

func TestRankingGolden(t *testing.T) {
	for i, c := range readAnomaly(t).Rankings {
		r, err := Rank(c.True, c.Score)
		if err != nil {
			t.Fatal(err)
		}
		best, at := r.BestF1()
		for name, v := range map[string][2]float64{
			"AUC": {r.ROCAUC(), c.AUC}, "AP": {r.AveragePrecision(), c.AP}, "F1": {r.F1(c.At), c.F1}, "best F1": {best, c.BestF1}, "best F1 at": {at, c.BestAt},
		} {
			if !near(v[0], v[1]) {
				t.Errorf("%d: %s: got %v, want %v", i, name, v[0], v[1])
			}
		}
		for k, rate := range []float64{0, 0.01, 0.1, 0.5} {
			recall, threshold := r.RecallAt(rate)
			if !near(recall, c.Recall[k]) {
				t.Errorf("%d: recall at %g: got %v, want %v", i, rate, recall, c.Recall[k])
			}
			tp, fp := called(c.True, c.Score, threshold)
			if n := count(c.True, false); tp != int(math.Round(recall*float64(count(c.True, true)))) || float64(fp) > rate*float64(n) {
				t.Errorf("%d: threshold at %g: %d right and %d of %d false", i, rate, tp, fp, n)
			}
		}
		for k, recall := range []float64{0.5, 0.9, 0.95, 1} {
			alarms, threshold := r.FalseAlarmsAt(recall)
			if !near(alarms, c.Alarms[k]) {
				t.Errorf("%d: false alarms at %g: got %v, want %v", i, recall, alarms, c.Alarms[k])
			}
			if _, fp := called(c.True, c.Score, threshold); !near(alarms, 1000*float64(fp)/float64(count(c.True, false))) {
				t.Errorf("%d: threshold at recall %g gives %d false alarms", i, recall, fp)
			}
		}
	}
}

func called(y []bool, s []float64, threshold float64) (tp, fp int) {
	for i, v := range s {
		if v >= threshold && y[i] {
			tp++
		} else if v >= threshold {
			fp++
		}
	}
	return tp, fp
}

func count(y []bool, v bool) (n int) {
	for _, t := range y {
		if t == v {
			n++
		}
	}
	return n
}

func TestBootstrapRank(t *testing.T) {
	const n = 200
	y, s := make([]bool, 2*n), make([]float64, 2*n)
	src := random.New(random.Key(3, "test"))
	for i := range y {
		y[i] = i < n
		s[i] = src.Normal()
		if y[i] {
			s[i]++
		}
	}
	iv, err := BootstrapRank(y, s, 7, (*Ranking).ROCAUC)
	if err != nil {
		t.Fatal(err)
	}
	auc, _ := ROCAUC(y, s)
	// Hanley and McNeil, Radiology 143, 1982: the standard error of an area of two normal classes.
	q1, q2 := auc/(2-auc), 2*auc*auc/(1+auc)
	se := math.Sqrt((auc*(1-auc) + (n-1)*(q1-auc*auc) + (n-1)*(q2-auc*auc)) / (n * n))
	if iv.Mean != auc || math.Abs((iv.High-iv.Low)/(2*1.96*se)-1) > 0.1 {
		t.Errorf("got %+v, want %g with width %g", iv, auc, 2*1.96*se)
	}
	again, _ := BootstrapRank(y, s, 7, (*Ranking).ROCAUC)
	other, _ := BootstrapRank(y, s, 8, (*Ranking).ROCAUC)
	if again != iv || other == iv {
		t.Errorf("same seed %v and %v, other seed %v", iv, again, other)
	}
	if iv, err := BootstrapRank([]bool{true, false}, []float64{2, 1}, 1, (*Ranking).AveragePrecision); err != nil || iv != (Interval{1, 1, 1}) {
		t.Errorf("one of each: %v %v, want 1", iv, err)
	}
	if _, err := BootstrapRank(y[:n], s[:n], 1, (*Ranking).ROCAUC); err == nil {
		t.Error("one class: no error")
	}
}

func each(maps []PixelMap) iter.Seq[PixelMap] { return slices.Values(maps) }

func TestPixelsGolden(t *testing.T) {
	for i, c := range readAnomaly(t).Pixels {
		var maps []PixelMap
		for k, m := range c.Maps {
			maps = append(maps, PixelMap{Scores: m, Mask: c.Masks[k], Width: c.Width})
		}
		for k, limit := range []float64{0.05, DefaultFPRLimit, 1} {
			got, err := PixelScores(each(maps), limit)
			if err != nil || !near(got.AUROC, c.AUROC) || !near(got.AUPRO, c.AUPRO[k]) || got.Regions != c.Regions {
				t.Errorf("%d: limit %g: got %+v %v, want %v %v %v", i, limit, got, err, c.AUROC, c.AUPRO[k], c.Regions)
			}
		}
	}
}

func TestPixelsCorners(t *testing.T) {
	half := []bool{true, true, false, false}
	for name, c := range map[string]struct {
		scores     []float32
		auroc, pro float64
	}{
		"perfect":   {[]float32{2, 2, 1, 1}, 1, 1},
		"worst":     {[]float32{1, 1, 2, 2}, 0, 0},
		"all tied":  {[]float32{5, 5, 5, 5}, 0.5, 0.15},
		"two zeros": {[]float32{0, 0, float32(math.Copysign(0, -1)), float32(math.Copysign(0, -1))}, 0.5, 0.15},
		"infinite":  {[]float32{float32(math.Inf(1)), 0, float32(math.Inf(-1)), -1}, 1, 1},
		"negative":  {[]float32{-1, -2, -3, -4}, 1, 1},
	} {
		got, err := PixelScores(each([]PixelMap{{Scores: c.scores, Mask: half, Width: 2}}), DefaultFPRLimit)
		if err != nil || got.AUROC != c.auroc || !near(got.AUPRO, c.pro) {
			t.Errorf("%s: got %+v %v, want %g and %g", name, got, err, c.auroc, c.pro)
		}
	}
}

func TestPixelsErrors(t *testing.T) {
	ok := PixelMap{Scores: []float32{1, 2}, Mask: []bool{true, false}, Width: 2}
	turn := 0
	for name, c := range map[string]struct {
		maps  iter.Seq[PixelMap]
		limit float64
	}{
		"nothing":   {each(nil), 0.3},
		"no defect": {each([]PixelMap{{Scores: []float32{1}, Width: 1}}), 0.3},
		"no good":   {each([]PixelMap{{Scores: []float32{1}, Mask: []bool{true}, Width: 1}}), 0.3},
		"ragged":    {each([]PixelMap{ok, {Scores: []float32{1, 2, 3}, Width: 2}}), 0.3},
		"no width":  {each([]PixelMap{ok, {Scores: []float32{1}}}), 0.3},
		"mask":      {each([]PixelMap{ok, {Scores: []float32{1, 2}, Mask: []bool{true}, Width: 2}}), 0.3},
		"NaN":       {each([]PixelMap{ok, {Scores: []float32{float32(math.NaN())}, Width: 1}}), 0.3},
		"limit 0":   {each([]PixelMap{ok}), 0},
		"limit NaN": {each([]PixelMap{ok}), math.NaN()},
		"other second": {func(yield func(PixelMap) bool) {
			turn++
			yield([]PixelMap{ok, {Scores: []float32{1}, Width: 1}}[turn-1])
		}, 0.3},
	} {
		if got, err := PixelScores(c.maps, c.limit); err == nil {
			t.Errorf("%s: no error but %+v", name, got)
		}
	}
}

func TestRegions(t *testing.T) {
	mask := func(rows ...string) (m []bool) {
		for _, r := range rows {
			for _, c := range r {
				m = append(m, c == '#')
			}
		}
		return m
	}
	for _, c := range []struct {
		rows []string
		n    int
	}{
		{[]string{"...", "..."}, 0},
		{[]string{"###", "###"}, 1},
		{[]string{"#..", ".#.", "..#"}, 1},
		{[]string{"..#", ".#.", "#.."}, 1},
		{[]string{"#.#", "#.#", "#.#"}, 2},
		{[]string{"..#", "#.."}, 2}, // the end of a row is no neighbour of the next one's start
		{[]string{"#.#.#"}, 3},
		{[]string{"#####", "#...#", "#.#.#", "#...#", "#####"}, 2},
	} {
		width := len(c.rows[0])
		labels, n := Regions(nil, mask(c.rows...), width)
		if n != c.n {
			t.Errorf("%q: got %d regions, want %d: %v", c.rows, n, c.n, labels)
		}
		highest := int32(0)
		for i, in := range mask(c.rows...) {
			if in != (labels[i] > 0) || labels[i] > highest+1 {
				t.Errorf("%q: labels %v", c.rows, labels)
			}
			highest = max(highest, labels[i])
		}
	}
}

func TestBoxesGolden(t *testing.T) {
	for i, c := range readAnomaly(t).Boxes {
		var truth []TrueBox
		var found []FoundBox
		for _, b := range c.Truth {
			truth = append(truth, TrueBox{b.Image, b.Class, Box{b.Box[0], b.Box[1], b.Box[2], b.Box[3]}})
		}
		for _, b := range c.Found {
			found = append(found, FoundBox{b.Image, b.Class, Box{b.Box[0], b.Box[1], b.Box[2], b.Box[3]}, b.Score})
		}
		mean, classes, ap, err := MeanAveragePrecision(truth, found, c.IoU)
		if err != nil || !near(mean, c.MAP) || len(ap) != len(c.AP) {
			t.Fatalf("%d: mAP: got %v %v, want %v", i, mean, err, c.MAP)
		}
		for k := range ap {
			if !near(ap[k], c.AP[k]) {
				t.Errorf("%d: %s: got %v, want %v", i, classes[k], ap[k], c.AP[k])
			}
		}
		for k, per := range []float64{0.2, 0.5, 1} {
			r, err := RecallAtFalseBoxes(truth, found, c.Images, per, c.IoU)
			if err != nil || !near(r.Recall, c.Recall[k]) || r.FalsePerImage > per || !near(float64(count(r.Found, true)), r.Recall*float64(len(truth))) {
				t.Errorf("%d: recall at %g: got %+v %v, want %v", i, per, r, err, c.Recall[k])
			}
		}
		// The order of the found boxes doesn't matter, nor where scores are tied.
		for k := range found {
			found[k].Score = math.Round(found[k].Score * 4)
		}
		want, _ := RecallAtFalseBoxes(truth, found, c.Images, 1, c.IoU)
		slices.Reverse(found)
		if got, _ := RecallAtFalseBoxes(truth, found, c.Images, 1, c.IoU); got.Recall != want.Recall || got.Threshold != want.Threshold {
			t.Errorf("%d: reversed: got %+v, want %+v", i, got, want)
		}
	}
}

func TestBoxesErrors(t *testing.T) {
	truth := []TrueBox{{Box: Box{0, 0, 2, 2}}}
	if _, _, _, err := MeanAveragePrecision(nil, nil, 0.5); !errors.Is(err, ErrEmpty) {
		t.Errorf("nothing: %v", err)
	}
	if _, _, _, err := MeanAveragePrecision(truth, nil, 0); err == nil {
		t.Error("IoU 0: no error")
	}
	if _, err := RecallAtFalseBoxes(truth, []FoundBox{{Score: math.NaN()}}, 1, 1, 0.5); err == nil {
		t.Error("NaN: no error")
	}
	if _, err := RecallAtFalseBoxes(truth, nil, 0, 1, 0.5); err == nil {
		t.Error("no images: no error")
	}
	if r, err := RecallAtFalseBoxes(truth, nil, 1, 1, 0.5); err != nil || r.Recall != 0 || !math.IsInf(r.Threshold, 1) {
		t.Errorf("nothing found: %+v %v", r, err)
	}
	if m, _, _, err := MeanAveragePrecision(truth, []FoundBox{{Box: Box{0, 0, 2, 2}}, {Box: Box{2, 2, 1, 1}, Score: -1}}, 0.5); err != nil || m != 1 {
		t.Errorf("one box found and an empty one: %g %v, want 1", m, err)
	}
}

func BenchmarkPixelScores(b *testing.B) {
	const n, side = 16, 256
	s := random.New(1)
	var maps []PixelMap
	for range n {
		m := PixelMap{Scores: make([]float32, side*side), Mask: make([]bool, side*side), Width: side}
		for i := range m.Scores {
			m.Scores[i] = float32(s.Normal())
			m.Mask[i] = i%side < 20 && i/side < 20
		}
		maps = append(maps, m)
	}
	b.SetBytes(n * side * side * 4)
	for b.Loop() {
		if _, err := PixelScores(each(maps), DefaultFPRLimit); err != nil {
			b.Fatal(err)
		}
	}
}
