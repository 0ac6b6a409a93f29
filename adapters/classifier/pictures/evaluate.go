package pictures

import (
	"context"
	"image"

	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// Evaluate scores the predictor on labelled pictures: accuracy and macro_f1 with their 95 % intervals. A label that the predictor doesn't know counts as
// wrong.
func Evaluate(ctx context.Context, p *Predictor, items []dataset.Item) (adapter.Scores, error) {
	got, err := p.Classes(ctx, items)
	if err != nil {
		return adapter.Scores{}, err
	}
	return head.ScoreLabels(dataset.Labels(items), got)
}

// Classes gives the best label of every picture of a list. Pictures are decoded as they are needed.
func (p *Predictor) Classes(ctx context.Context, items []dataset.Item) ([]string, error) {
	got := make([]string, len(items))
	pixels := func(yield func([]float32, error) bool) {
		for x, err := range dataset.Load(ctx, items, dataset.LoadOptions{Limits: picture.Limits{WebP: true}}, func(_ int, m *image.NRGBA) ([]float32, error) {
			x := make([]float32, p.size())
			return x, p.model.Processor.Process(x, m)
		}) {
			if !yield(x.Value, err) {
				return
			}
		}
	}
	err := p.each(ctx, pixels, func(i int, probabilities []float32) { got[i] = p.labels[head.Best(probabilities)] })
	return got, err
}
