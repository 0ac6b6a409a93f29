package inspector

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"maps"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// Scores are those of all pictures and of each kind of defect beside the good ones. In JSON the kinds stand under "kinds".
//
//	image_AUROC, recall_at_0.01  of the score, whatever the threshold; the recall at one false alarm in a hundred good pictures
//	false_per_thousand           false alarms of a thousand good pictures where 95 of 100 defective ones are found
//	recall, false_per_image, F1  of the verdicts: defective pictures called so, good ones called defective
//	named                        where kinds are: defective pictures called so and by their kind
//	pixel_AUROC, AUPRO           of the maps, where the data have masks
type Scores struct {
	adapter.Scores
	Kinds map[string]adapter.Scores
}

// MarshalJSON writes one flat object, and the kinds in it.
func (s Scores) MarshalJSON() ([]byte, error) {
	raw, err := json.Marshal(s.Scores)
	if err != nil || len(s.Kinds) == 0 {
		return raw, err
	}
	var flat map[string]any
	if err := json.Unmarshal(raw, &flat); err != nil {
		return nil, err
	}
	flat["kinds"] = s.Kinds
	return json.Marshal(flat)
}

// String has a line for all and one for each kind.
func (s Scores) String() string {
	text := s.Scores.String()
	for _, k := range slices.Sorted(maps.Keys(s.Kinds)) {
		text += "\n" + k + ": " + s.Kinds[k].String()
	}
	return text
}

// A Judged is a picture of known kind with what was said about it.
type Judged struct {
	Kind  string // dataset.Good or a kind of defect
	Score float64
	Label string            // the verdict
	Class string            // the kind it was called by; nobody: kinds have no names
	Map   *metrics.PixelMap // nil where nothing is known of its pixels
}

// fixedRecall is that at which false alarms are counted.
const fixedRecall = 0.95

// Evaluate scores a station on labelled pictures with 95 % intervals, by a bootstrap over pictures. It wants good pictures and defective ones.
func Evaluate(ctx context.Context, s *Station, items []dataset.Item) (*Scores, error) {
	masks := slices.ContainsFunc(items, func(it dataset.Item) bool { return it.Mask != "" })
	all := make([]Judged, 0, len(items))
	err := eachPicture(ctx, items, func(i int, m *image.NRGBA) error {
		it := &items[i]
		if it.Label == "" {
			return fmt.Errorf("got a picture without a label, want %s or a kind of defect", dataset.Good)
		}
		a, err := s.Judge(m)
		if err != nil {
			return err
		}
		j := Judged{Kind: it.Label, Score: a.Score, Label: a.Label, Class: a.Class}
		if masks && (it.Mask != "" || it.Label == dataset.Good) {
			j.Map = &metrics.PixelMap{Scores: a.Map.Values, Width: a.Map.Width}
			if j.Map.Mask, err = readMask(it.Mask, a.Map.Width, a.Map.Height); err != nil {
				return err
			}
		}
		all = append(all, j)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ScoreJudged(all, float64(s.thresholds.Defect))
}

// ScorePictures scores what anybody says of pictures of known kinds, good and others, by scores alone: no verdicts, no maps.
func ScorePictures(kinds []string, scores []float64) (*Scores, error) {
	if len(kinds) != len(scores) {
		return nil, fmt.Errorf("inspector: scores: got %d for %d pictures", len(scores), len(kinds))
	}
	all := make([]Judged, len(kinds))
	for i, k := range kinds {
		all[i] = Judged{Kind: k, Score: scores[i]}
	}
	return ScoreJudged(all, math.NaN())
}

// ScoreJudged scores all pictures, and each kind of defect beside the good ones. A picture of which the score is more than the threshold was called
// defective; a threshold that is NaN means that there are no verdicts.
func ScoreJudged(all []Judged, threshold float64) (*Scores, error) {
	scores := &Scores{Kinds: map[string]adapter.Scores{}}
	names := slices.ContainsFunc(all, func(j Judged) bool { return j.Class != "" })
	var err error
	if scores.Scores, err = score(all, threshold, names); err != nil {
		return nil, err
	}
	for _, j := range all {
		if _, done := scores.Kinds[j.Kind]; done || j.Kind == dataset.Good {
			continue
		}
		of := slices.DeleteFunc(slices.Clone(all), func(o Judged) bool { return o.Kind != j.Kind && o.Kind != dataset.Good })
		if scores.Kinds[j.Kind], err = score(of, threshold, names); err != nil {
			return nil, err
		}
	}
	return scores, nil
}

// readMask reads the mask in a file, brought to a size; no file means no defect.
func readMask(path string, width, height int) ([]bool, error) {
	if path == "" {
		return nil, nil
	}
	m, err := picture.DecodeFile(path, picture.Limits{})
	if err != nil {
		return nil, err
	}
	g := Gray(picture.Resize(m, width, height, picture.Nearest))
	mask := make([]bool, width*height)
	for i := range mask {
		mask[i] = g.Pix[i] > 127
	}
	return mask, nil
}

// score gives the scores of some pictures, which may have been called by names.
func score(all []Judged, threshold float64, names bool) (adapter.Scores, error) {
	truth, scores := make([]bool, len(all)), make([]float64, len(all))
	var found, named, alarms []float64
	for i, j := range all {
		truth[i], scores[i] = j.Kind != dataset.Good, j.Score
		called := 0.0
		if j.Label == Defect {
			called = 1
		}
		if truth[i] {
			found = append(found, called)
			if j.Class != j.Kind {
				called = 0
			}
			named = append(named, called)
		} else {
			alarms = append(alarms, called)
		}
	}
	out := adapter.Scores{N: len(all), Values: map[string]float64{}, Interval: map[string][2]float64{}}
	put := func(name string, i metrics.Interval, err error) error {
		if err != nil {
			return fmt.Errorf("inspector: %s: %w", name, err)
		}
		out.Values[name], out.Interval[name] = i.Mean, [2]float64{i.Low, i.High}
		return nil
	}
	ranked := []struct {
		name string
		of   func(r *metrics.Ranking) float64
	}{
		{"image_AUROC", (*metrics.Ranking).ROCAUC},
		{"recall_at_0.01", func(r *metrics.Ranking) float64 { recall, _ := r.RecallAt(0.01); return recall }},
		{"false_per_thousand", func(r *metrics.Ranking) float64 { n, _ := r.FalseAlarmsAt(fixedRecall); return n }},
	}
	verdicts := !math.IsNaN(threshold)
	if verdicts {
		called := math.Nextafter(threshold, math.Inf(1)) // a verdict takes more than the threshold
		ranked = append(ranked, ranked[0])
		ranked[3].name, ranked[3].of = "F1", func(r *metrics.Ranking) float64 { return r.F1(called) }
	}
	for _, m := range ranked {
		i, err := metrics.BootstrapRank(truth, scores, adapter.BootstrapSeed, m.of)
		if err := put(m.name, i, err); err != nil {
			return out, err
		}
	}
	if !verdicts {
		return out, nil
	}
	i, err := metrics.Bootstrap(found, adapter.BootstrapSeed)
	if err := put("recall", i, err); err != nil {
		return out, err
	}
	if names {
		i, err = metrics.Bootstrap(named, adapter.BootstrapSeed)
		if err := put("named", i, err); err != nil {
			return out, err
		}
	}
	i, err = metrics.Bootstrap(alarms, adapter.BootstrapSeed)
	if err := put("false_per_image", i, err); err != nil {
		return out, err
	}
	if slices.ContainsFunc(all, func(j Judged) bool { return j.Map != nil && j.Map.Mask != nil }) {
		if err := scorePixels(Maps(all), put); err != nil {
			return out, err
		}
	}
	return out, nil
}
