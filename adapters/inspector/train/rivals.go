package train

import (
	"context"
	"fmt"
	"image"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/adapters/inspector/baseline"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/transfer"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// looks tells of one picture how bad it is and where.
type looks func(it *dataset.Item) (score float64, boxes []inspector.Box, err error)

// difference is the baseline of pictures with templates: the edge-tolerant difference, which learns nothing.
func (t *transferring) difference() transfer.Arm[dataset.Item] {
	look := func(it *dataset.Item) (float64, []inspector.Box, error) {
		m, err := grayOf(it)
		if err != nil {
			return 0, nil, err
		}
		template, err := picture.DecodeFile(it.Template, picture.Limits{})
		if err != nil {
			return 0, nil, err
		}
		a, err := inspector.DefaultTemplate().Inspect(m, inspector.Gray(template))
		if err != nil {
			return 0, nil, err
		}
		return a.Score, a.Boxes, nil
	}
	return transfer.Arm[dataset.Item]{
		Name: transfer.Baseline, About: "edge-tolerant difference from the template, which takes no labels", Choices: []string{"as it is"},
		Fit: func(context.Context, []dataset.Item, int, uint64) (*transfer.Model[dataset.Item], error) {
			return &transfer.Model[dataset.Item]{Answer: t.answer(look)}, nil
		},
	}
}

// levels are the shares of the patches of good pictures that components leave in no box, from which the baseline of boxes chooses.
func levels() []float64 { return []float64{0.99, 0.999, 1} }

// components is the baseline of pictures without templates: principal components of patches of good pictures, by their worst patch or by boxes round bad ones.
func (t *transferring) components() transfer.Arm[dataset.Item] {
	a := transfer.Arm[dataset.Item]{Name: transfer.Baseline, About: "principal components of good pictures, which take no labels", Choices: []string{"worst patch"}}
	if t.boxes {
		a.Choices = nil
		for _, l := range levels() {
			a.Choices = append(a.Choices, fmt.Sprintf("boxes above %g of the good patches", l))
		}
	}
	a.Fit = func(ctx context.Context, train []dataset.Item, choice int, _ uint64) (*transfer.Model[dataset.Item], error) {
		good, err := goodGrays(ctx, train)
		if err != nil {
			return nil, err
		}
		p, err := baseline.FitPCA(good, baseline.Options{})
		if err != nil {
			return nil, err
		}
		level := float32(0)
		if t.boxes {
			if level, err = p.Level(good, levels()[choice]); err != nil {
				return nil, err
			}
		}
		components, mean := p.Basis()
		return &transfer.Model[dataset.Item]{Params: len(components) + len(mean), Answer: t.answer(func(it *dataset.Item) (float64, []inspector.Box, error) {
			m, err := grayOf(it)
			if err != nil {
				return 0, nil, err
			}
			score, patches, err := p.Score(m)
			if err != nil || !t.boxes {
				return score, nil, err
			}
			return score, p.Boxes(patches, level), nil
		})}, nil
	}
	return a
}

// answer lets something look at pictures one by one, and scores what it says.
func (t *transferring) answer(look looks) func(ctx context.Context, items []dataset.Item) (func() ([]metrics.Ratio, error), error) {
	return func(ctx context.Context, items []dataset.Item) (func() ([]metrics.Ratio, error), error) {
		f := &Finding{Boxes: Boxes{Images: len(items)}}
		f.judge(items)
		for i := range items {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			score, boxes, err := look(&items[i])
			if err != nil {
				return nil, fmt.Errorf("inspector: train: %s: %w", items[i].ID, err)
			}
			f.Scores = append(f.Scores, score)
			for _, b := range boxes {
				f.Boxes.Found = append(f.Boxes.Found, metrics.FoundBox{Image: i, Class: b.Label, Box: b.Box, Score: b.Score})
			}
		}
		return func() ([]metrics.Ratio, error) {
			if !t.boxes {
				return f.OfPictures()
			}
			for i := range items {
				truth, err := trueOf(&items[i], t.kinds)
				if err != nil {
					return nil, err
				}
				for _, b := range truth {
					b.Image = i
					f.Boxes.Truth = append(f.Boxes.Truth, b)
				}
				f.Boxes.Vague = append(f.Boxes.Vague, vague(&items[i]))
			}
			return f.OfBoxes(t.iou), nil
		}, nil
	}
}

// trueOf gives the true boxes of an item.
func trueOf(it *dataset.Item, kinds []string) ([]metrics.TrueBox, error) {
	if len(it.Boxes) > 0 || !defective(*it) {
		return trueBoxes(it, nil), nil
	}
	m, err := it.Picture(picture.Limits{})
	if err != nil {
		return nil, err
	}
	marks, err := mark(it, m.Rect, kinds, 0)
	if err != nil {
		return nil, err
	}
	return trueBoxes(it, marks), nil
}

func grayOf(it *dataset.Item) (*image.Gray, error) {
	m, err := it.Picture(picture.Limits{})
	if err != nil {
		return nil, err
	}
	return inspector.Gray(m), nil
}

// goodGrays decodes the good pictures.
func goodGrays(ctx context.Context, items []dataset.Item) (all []*image.Gray, err error) {
	for i := range items {
		if defective(items[i]) {
			continue
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		m, err := grayOf(&items[i])
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("inspector: train: principal components: got no good picture to learn from: %w", data.ErrEmpty)
	}
	return all, nil
}
