package tagger

import (
	"context"
	"slices"

	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/metrics"
)

// Calibrate learns from sentences that the predictor wasn't trained on how sure its entities are: the chance that one has the right words and type, given by its
// score, and the least confidence of the share of entities that s.Coverage names. With fewer than calibration.Least entities it changes nothing and says so. It must not run
// beside other methods.
func Calibrate(ctx context.Context, p *Predictor, examples []data.Tagged, s calibration.Settings) (ok bool, err error) {
	sentences := make([]*Sentence, len(examples))
	for i, e := range examples {
		if sentences[i], err = JoinWords(p.model, e.Tokens); err != nil {
			return false, err
		}
	}
	found, err := p.Find(ctx, sentences)
	if err != nil {
		return false, err
	}
	var margins []float64
	var right []bool
	for i, entities := range found {
		want := metrics.Entities(examples[i].Tags)
		for _, e := range entities {
			margins = append(margins, margin(e.Score))
			right = append(right, slices.Contains(want, metrics.Entity{Type: e.Group, Start: e.First, End: e.Last}))
		}
	}
	if len(margins) < calibration.Least {
		return false, nil
	}
	p.settings.Confidence, err = calibration.FitAnswers(margins, right, s.Coverage)
	return err == nil, err
}

// margin is the log odds of a score, a probability.
func margin(score float64) float64 {
	const eps = 1e-6
	s := float32(min(max(score, eps), 1-eps))
	return float64(kernels.Log(s) - kernels.Log(1-s))
}
