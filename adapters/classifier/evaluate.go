package classifier

import (
	"context"

	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
)

// Evaluate scores the predictor on labelled texts: accuracy and macro_f1 with their 95 % intervals. A label that the predictor
// doesn't know counts as wrong.
func Evaluate(ctx context.Context, p *Predictor, examples []data.Labelled) (adapter.Scores, error) {
	want, got := make([]string, len(examples)), make([]string, len(examples))
	texts := make([]string, len(examples))
	for i, e := range examples {
		texts[i], want[i] = e.Text, e.Label
	}
	err := p.each(ctx, texts, func(i int, probabilities []float32) {
		got[i] = p.labels[head.Best(probabilities)]
	})
	if err != nil {
		return adapter.Scores{}, err
	}
	return head.ScoreLabels(want, got)
}
