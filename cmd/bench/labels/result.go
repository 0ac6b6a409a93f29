package main

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"slices"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/adapters/inspector/baseline"
	"github.com/fmkit/fmkit/adapters/inspector/train"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// A result is what an arm says of the pictures to test on.
type result struct {
	Arm      string      `json:"arm"` // pretrained, scratch or baseline
	Labels   int         `json:"labels"`
	Seed     int         `json:"seed"`
	Template bool        `json:"template"`
	Scores   []float64   `json:"scores"` // of the pictures
	Bad      []bool      `json:"bad"`    // which of them are defective
	Boxes    train.Boxes `json:"boxes"`
}

// judge notes which pictures are defective.
func (r *result) judge(test []dataset.Item) {
	for _, it := range test {
		r.Bad = append(r.Bad, it.Label != dataset.Good)
	}
}

// iou is DeepPCB's: from which on a box counts as right.
const iou = 0.33

// hits gives the defects found and those there are in every picture, at one false box a picture or one false alarm in a hundred good pictures.
func (r *result) hits() (found, of []float64, err error) {
	found, of = make([]float64, len(r.Bad)), make([]float64, len(r.Bad))
	if r.Template {
		m := r.Boxes.Match(pooled(&r.Boxes), iou)
		for i, t := range r.Boxes.Truth {
			of[t.Image]++
			if m.Hit[i] {
				found[t.Image]++
			}
		}
		return found, of, nil
	}
	ranking, err := metrics.Rank(r.Bad, r.Scores)
	if err != nil {
		return nil, nil, err
	}
	_, threshold := ranking.RecallAt(0.01)
	for i, bad := range r.Bad {
		if !bad {
			continue
		}
		of[i] = 1
		if r.Scores[i] >= threshold {
			found[i] = 1
		}
	}
	return found, of, nil
}

// pooled is the threshold of one false box a picture over these pictures themselves: of a group, no room is left for others.
func pooled(b *train.Boxes) float64 {
	one := *b
	one.Group = nil
	return one.Threshold(1, iou)
}

// baselineScores is the way that needs no labels.
func baselineScores(ctx context.Context, pool, test []dataset.Item, templates bool) (*result, error) {
	r := &result{Template: templates}
	r.judge(test)
	if !templates {
		good, err := grays(ctx, inspector.Nominal(pool))
		if err != nil {
			return nil, err
		}
		p, err := baseline.FitPCA(good, baseline.Options{})
		if err != nil {
			return nil, err
		}
		shown, err := grays(ctx, test)
		if err != nil {
			return nil, err
		}
		for _, m := range shown {
			score, _, err := p.Score(m)
			if err != nil {
				return nil, err
			}
			r.Scores = append(r.Scores, score)
		}
		return r, nil
	}
	shown, err := grays(ctx, test)
	if err != nil {
		return nil, err
	}
	for i, m := range shown {
		template, err := picture.DecodeFile(test[i].Template, picture.Limits{})
		if err != nil {
			return nil, err
		}
		a, err := inspector.DefaultTemplate().Inspect(m, inspector.Gray(template))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", test[i].ID, err)
		}
		r.Scores = append(r.Scores, a.Score)
		for _, b := range a.Boxes {
			r.Boxes.Found = append(r.Boxes.Found, metrics.FoundBox{Image: i, Class: b.Label, Box: b.Box, Score: b.Score})
		}
		for _, b := range test[i].Boxes {
			x, y := float64(b.X), float64(b.Y)
			box := metrics.Box{XMin: x, YMin: y, XMax: x + float64(b.Width), YMax: y + float64(b.Height)}
			r.Boxes.Truth = append(r.Boxes.Truth, metrics.TrueBox{Image: i, Class: cmp.Or(b.Label, inspector.Defect), Box: box})
		}
	}
	r.Boxes.Images = len(test)
	return r, nil
}

// grays decodes items.
func grays(ctx context.Context, items []dataset.Item) (all []*image.Gray, err error) {
	for g, err := range dataset.Load(ctx, items, dataset.LoadOptions{}, func(_ int, m *image.NRGBA) (*image.Gray, error) { return inspector.Gray(m), nil }) {
		if err != nil {
			return nil, err
		}
		all = append(all, g.Value)
	}
	return slices.Clip(all), nil
}
