package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/vision/dataset"
)

// Unseen picks the pictures of a data set to score a detector on: of those that package inspector's Tests picks what it can look at, without the pictures that it learnt
// from where they are these. The rest of the data may have changed.
func Unseen(ctx context.Context, d *inspector.Detector, items []dataset.Item) ([]dataset.Item, error) {
	items = Comparable(inspector.Tests(items), d.Settings().Template != nil)
	p := d.Passport()
	if p == nil {
		return items, nil
	}
	c, learnt, err := Learnt(ctx, p)
	switch {
	case errors.Is(err, adapter.ErrPassport), ctx.Err() != nil:
		return nil, err
	case err != nil: // the pictures are elsewhere, or others by now
		return items, nil
	}
	seen := learnt.Train
	if len(learnt.Held) == 0 && c.Held > 0 && c.Folds > 0 {
		if seen, _, err = hold(learnt.Train, c.Held, c.Train.Seed); err != nil {
			return nil, err
		}
	}
	paths := map[string]bool{}
	for i := range seen {
		paths[seen[i].Path] = true
	}
	left := slices.DeleteFunc(slices.Clone(items), func(it dataset.Item) bool { return paths[it.Path] })
	if len(left) == 0 && len(items) > 0 {
		return nil, fmt.Errorf("inspector: train: the detector has learnt from all %d pictures: %w to score it on", len(items), data.ErrEmpty)
	}
	return left, nil
}

// Evaluate scores a detector on labelled pictures, with 95 % intervals that draw pictures anew. A box counts as right from an IoU on.
//
//	recall, named, false_per_image       of the boxes at the detector's threshold: true ones found, found and called by their kind; false ones a picture
//	mean_average_precision               of all boxes, over the kinds
//	image_AUROC, recall_at_0.01,         of the pictures' scores, where there are good pictures and defective ones
//	false_per_thousand, F1
//	pixel_AUROC, AUPRO                   of the maps, where there are boxes or masks
//
// Each kind of defect has the recall and the average precision of its boxes, or where pictures are labelled those of its pictures beside the good ones.
func Evaluate(ctx context.Context, d *inspector.Detector, items []dataset.Item, iou float64) (*inspector.Scores, error) {
	threshold := d.Settings().Score
	judged := make([]inspector.Judged, 0, len(items))
	boxes, err := Inspect(ctx, d, items, func(a *inspector.Answer, mask []bool) {
		it := &items[len(judged)]
		j := inspector.Judged{Kind: dataset.Good, Score: a.Score, Label: inspector.OK}
		if defective(*it) {
			j.Kind = cmp.Or(it.Label, inspector.Defect)
		}
		if len(a.Boxes) > 0 && a.Score >= threshold {
			j.Label = inspector.Defect
		}
		if !vague(it) {
			j.Map = &metrics.PixelMap{Scores: a.Map.Values, Mask: mask, Width: a.Map.Width}
		}
		judged = append(judged, j)
	})
	if err != nil {
		return nil, err
	}
	s := &inspector.Scores{Scores: adapter.Scores{N: len(items), Values: map[string]float64{}, Interval: map[string][2]float64{}}, Kinds: map[string]adapter.Scores{}}
	good := func(j inspector.Judged) bool { return j.Kind == dataset.Good }
	if n := len(items); slices.ContainsFunc(judged, good) && len(slices.DeleteFunc(slices.Clone(judged), good)) > 0 {
		whole := slices.Clone(judged)
		for i := range whole {
			whole[i].Map = nil // scored once, below
		}
		if s, err = inspector.ScoreJudged(whole, math.Nextafter(threshold, -1)); err != nil {
			return nil, err
		}
		s.N = n
	}
	if maps := inspector.Maps(judged); slices.ContainsFunc(maps, func(m metrics.PixelMap) bool { return slices.Contains(m.Mask, true) }) {
		pixels, err := inspector.PixelScores(maps)
		if err != nil {
			return nil, err
		}
		put(&s.Scores, pixels)
	}
	own, err := boxes.Scores(threshold, iou)
	if err != nil {
		return nil, err
	}
	put(&s.Scores, own)
	return s, boxes.kinds(s, threshold, iou)
}

// put adds scores to those that s has.
func put(s *adapter.Scores, more adapter.Scores) {
	maps.Copy(s.Values, more.Values)
	maps.Copy(s.Interval, more.Interval)
}

// kinds adds what becomes of each kind's boxes.
func (b *Boxes) kinds(s *inspector.Scores, threshold, iou float64) error {
	truth := slices.DeleteFunc(slices.Clone(b.Truth), func(t metrics.TrueBox) bool { return b.vague(t.Image) })
	found := slices.DeleteFunc(slices.Clone(b.Found), func(f metrics.FoundBox) bool { return b.vague(f.Image) })
	precision := map[string]float64{}
	if len(truth) > 0 {
		mean, classes, each, err := metrics.MeanAveragePrecision(truth, found, iou)
		if err != nil {
			return fmt.Errorf("inspector: train: %w", err)
		}
		s.Values["mean_average_precision"] = mean
		for k, class := range classes {
			precision[class] = each[k]
		}
	}
	m := b.Match(threshold, iou)
	classes := map[string]bool{}
	for _, t := range b.Truth {
		classes[t.Class] = true
	}
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		of, hits, n := make([]float64, b.Images), make([]float64, b.Images), 0
		for i, t := range b.Truth {
			if t.Class == class {
				n++
				of[t.Image]++
				hits[t.Image] += one(m.Hit[i])
			}
		}
		i, err := metrics.BootstrapFunc(b.Images, scoreSeed, func(items []int32) float64 {
			var over, under float64
			for _, k := range items {
				over += hits[k]
				under += of[k]
			}
			return over / max(under, 1)
		})
		if err != nil {
			return fmt.Errorf("inspector: train: %s: %w", class, err)
		}
		kind, ok := s.Kinds[class]
		if !ok {
			kind = adapter.Scores{N: n, Values: map[string]float64{}, Interval: map[string][2]float64{}}
		}
		delete(kind.Values, "false_per_image") // of pictures, which false boxes are not
		delete(kind.Interval, "false_per_image")
		kind.Values["recall"], kind.Interval["recall"] = i.Mean, [2]float64{i.Low, i.High}
		if v, ok := precision[class]; ok {
			kind.Values["average_precision"] = v
		}
		s.Kinds[class] = kind
	}
	return nil
}
