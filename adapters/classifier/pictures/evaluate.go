package pictures

import (
	"context"
	"image"
	"iter"

	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// Evaluate scores the predictor on labelled pictures: accuracy and macro_f1 with their 95 % intervals, and how far its confidence is to be relied on; Evaluation.Scores
// of package head lists all. A label that the predictor doesn't know counts as wrong, but for the one that its calibration knows as out of scope.
func Evaluate(ctx context.Context, p *Predictor, items []dataset.Item) (adapter.Scores, error) {
	e, err := p.evaluate(ctx, items)
	if err != nil {
		return adapter.Scores{}, err
	}
	return e.Scores()
}

// Curve gives the coverage-risk curve of the predictor on labelled pictures: what abstaining below a confidence is worth.
func Curve(ctx context.Context, p *Predictor, items []dataset.Item) (*metrics.CoverageCurve, error) {
	e, err := p.evaluate(ctx, items)
	if err != nil {
		return nil, err
	}
	return e.Curve()
}

func (p *Predictor) evaluate(ctx context.Context, items []dataset.Item) (*head.Evaluation, error) {
	e := head.NewEvaluation(p.labels, &p.settings, len(items))
	err := p.each(ctx, p.load(ctx, items), func(i int, logits, probabilities []float32) { e.Add(i, items[i].Label, logits, probabilities) })
	return e, err
}

// Observe gives what a calibration is learnt from: what the predictor says of pictures that it wasn't trained on. Those of labels that it doesn't know are out of
// scope.
func Observe(ctx context.Context, p *Predictor, items []dataset.Item) (*calibration.Observations, error) {
	o := head.NewObserver(p.labels, len(items))
	err := p.each(ctx, p.load(ctx, items), func(i int, logits, _ []float32) { o.Add(i, items[i].Label, logits) })
	return &o.Observations, err
}

// Classes gives the best label of every picture of a list. Pictures are decoded as they are needed.
func (p *Predictor) Classes(ctx context.Context, items []dataset.Item) ([]string, error) {
	got := make([]string, len(items))
	err := p.each(ctx, p.load(ctx, items), func(i int, _, probabilities []float32) { got[i] = p.labels[head.Best(probabilities)] })
	return got, err
}

// load makes the model's input of every item, as it is needed.
func (p *Predictor) load(ctx context.Context, items []dataset.Item) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		for x, err := range dataset.Load(ctx, items, dataset.LoadOptions{Limits: picture.Limits{WebP: true}}, func(_ int, m *image.NRGBA) ([]float32, error) {
			x := make([]float32, p.size())
			return x, p.model.Processor.Process(x, m)
		}) {
			if !yield(x.Value, err) {
				return
			}
		}
	}
}
