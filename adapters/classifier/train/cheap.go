package train

import (
	"context"
	"image"

	"github.com/fmkit/fmkit/adapters/classifier/baseline"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// logisticTexts is how many texts logistic regression is still tried on: its solver keeps a dozen copies of the weights.
const logisticTexts = 3000

// linear is TF-IDF with a linear model: an SVM, or logistic regression where that is better.
func linear(shots, pool int) learner[data.Labelled] {
	options := baseline.Grid(baseline.SVM)
	if shots > 0 || pool <= logisticTexts {
		options = append(options, baseline.Grid(baseline.Logistic)...)
	}
	l := learner[data.Labelled]{name: "TF-IDF + linear"}
	for _, o := range options {
		l.choices = append(l.choices, o.String())
	}
	l.fit = func(_ context.Context, train []data.Labelled, choice int, _ uint64) (func([]data.Labelled) ([]string, error), error) {
		m, err := baseline.Fit(textsOf(train), labels(train), options[choice])
		if err != nil {
			return nil, err
		}
		return func(examples []data.Labelled) ([]string, error) { return m.PredictAll(textsOf(examples)), nil }, nil
	}
	return l
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

// hog is HOG with a linear SVM, on pictures with as many channels as the model's, and of its size where that isn't larger than hogSide.
func hog(c *vision.Config) learner[dataset.Item] {
	side := min(c.ImageSize, hogSide)
	options := baseline.HOGGrid(side, c.Channels)
	l := learner[dataset.Item]{name: "HOG + linear SVM"}
	for _, o := range options {
		l.choices = append(l.choices, o.String())
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
	l.fit = func(ctx context.Context, train []dataset.Item, choice int, _ uint64) (func([]dataset.Item) ([]string, error), error) {
		levels, err := read(ctx, train)
		if err != nil {
			return nil, err
		}
		m, err := baseline.FitHOG(dataset.Labels(train), levels, options[choice])
		if err != nil {
			return nil, err
		}
		return func(items []dataset.Item) ([]string, error) {
			levels, err := read(ctx, items)
			if err != nil {
				return nil, err
			}
			return m.PredictAll(len(items), levels)
		}, nil
	}
	return l
}
