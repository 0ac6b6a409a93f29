package train

import (
	"context"
	"image"

	"github.com/fmkit/fmkit/adapters/classifier/baseline"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/transfer"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// logisticTexts is how many texts logistic regression is still tried on: its solver keeps a dozen copies of the weights.
const logisticTexts = 3000

// Linear is the baseline of texts: TF-IDF with a linear model, an SVM or logistic regression.
func Linear() transfer.Arm[data.Labelled] {
	svm := baseline.Grid(baseline.SVM)
	options := append(svm, baseline.Grid(baseline.Logistic)...)
	a := transfer.Arm[data.Labelled]{Name: transfer.Baseline, About: "TF-IDF + linear"}
	for _, o := range options {
		a.Choices = append(a.Choices, o.String())
	}
	a.Most = func(choice int) int {
		if choice < len(svm) {
			return int(^uint(0) >> 1)
		}
		return logisticTexts
	}
	a.Fit = func(_ context.Context, train []data.Labelled, choice int, _ uint64) (*transfer.Model[data.Labelled], error) {
		m, err := baseline.Fit(textsOf(train), labels(train), options[choice])
		if err != nil {
			return nil, err
		}
		return &transfer.Model[data.Labelled]{Answer: func(_ context.Context, examples []data.Labelled) (func() ([]metrics.Ratio, error), error) {
			return correct(labels(examples), m.PredictAll(textsOf(examples))), nil
		}}, nil
	}
	return a
}

func textsOf(examples []data.Labelled) []string {
	all := make([]string, len(examples))
	for i, e := range examples {
		all[i] = e.Text
	}
	return all
}

// hogSide bounds the side of the pictures that HOG reads; larger ones are made smaller.
const hogSide = 64

// HOG is the baseline of pictures: HOG with a linear SVM, on pictures with as many channels as the model's, and of its size where that isn't larger than hogSide.
func HOG(c *vision.Config) transfer.Arm[dataset.Item] {
	side := min(c.ImageSize, hogSide)
	options := baseline.HOGGrid(side, c.Channels)
	a := transfer.Arm[dataset.Item]{Name: transfer.Baseline, About: "HOG + linear SVM"}
	for _, o := range options {
		a.Choices = append(a.Choices, o.String())
	}
	read := func(ctx context.Context, items []dataset.Item) (func(i int) ([]byte, error), error) {
		p, all := picture.NewProcessor(side, side, c.Channels), make([][]byte, len(items))
		for r, err := range dataset.Load(ctx, items, dataset.LoadOptions{Limits: picture.Limits{WebP: true}}, func(_ int, m *image.NRGBA) ([]byte, error) {
			levels := make([]byte, c.Channels*side*side)
			return levels, p.Levels(levels, m)
		}) {
			if err != nil {
				return nil, err
			}
			all[r.Index] = r.Value
		}
		return func(i int) ([]byte, error) { return all[i], nil }, nil
	}
	a.Fit = func(ctx context.Context, train []dataset.Item, choice int, _ uint64) (*transfer.Model[dataset.Item], error) {
		levels, err := read(ctx, train)
		if err != nil {
			return nil, err
		}
		m, err := baseline.FitHOG(dataset.Labels(train), levels, options[choice])
		if err != nil {
			return nil, err
		}
		return &transfer.Model[dataset.Item]{Answer: func(ctx context.Context, items []dataset.Item) (func() ([]metrics.Ratio, error), error) {
			levels, err := read(ctx, items)
			if err != nil {
				return nil, err
			}
			got, err := m.PredictAll(len(items), levels)
			if err != nil {
				return nil, err
			}
			return correct(dataset.Labels(items), got), nil
		}}, nil
	}
	return a
}
