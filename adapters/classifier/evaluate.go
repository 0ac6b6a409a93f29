package classifier

import (
	"context"

	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
)

// Evaluate scores the predictor on labelled texts: accuracy and macro_f1 with their 95 % intervals, and how far its confidence is to be relied on; Evaluation.Scores of
// package head lists all. A label that the predictor doesn't know counts as wrong, but for the one that its calibration knows as out of scope.
func Evaluate(ctx context.Context, p *Predictor, examples []data.Labelled) (adapter.Scores, error) {
	e, err := p.evaluate(ctx, examples)
	if err != nil {
		return adapter.Scores{}, err
	}
	return e.Scores()
}

// Curve gives the coverage-risk curve of the predictor on labelled texts: what abstaining below a confidence is worth.
func Curve(ctx context.Context, p *Predictor, examples []data.Labelled) (*metrics.CoverageCurve, error) {
	e, err := p.evaluate(ctx, examples)
	if err != nil {
		return nil, err
	}
	return e.Curve()
}

func (p *Predictor) evaluate(ctx context.Context, examples []data.Labelled) (*head.Evaluation, error) {
	e := head.NewEvaluation(p.labels, &p.settings, len(examples))
	err := p.each(ctx, texts(examples), func(i int, logits, probabilities []float32) { e.Add(i, examples[i].Label, logits, probabilities) })
	return e, err
}

// Observe gives what a calibration is learnt from: what the predictor says of texts that it wasn't trained on. Those of labels that it doesn't know are out of scope.
func Observe(ctx context.Context, p *Predictor, examples []data.Labelled) (*calibration.Observations, error) {
	o := head.NewObserver(p.labels, len(examples))
	err := p.each(ctx, texts(examples), func(i int, logits, _ []float32) { o.Add(i, examples[i].Label, logits) })
	return &o.Observations, err
}

func texts(examples []data.Labelled) []string {
	all := make([]string, len(examples))
	for i, e := range examples {
		all[i] = e.Text
	}
	return all
}
