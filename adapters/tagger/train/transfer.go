package train

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/adapters/tagger/baseline"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/transfer"
	"github.com/fmkit/fmkit/text"
)

// Transfer asks whether pretraining pays on tagged sentences, by the micro F1 of entities; the baseline is an averaged perceptron.
func Transfer() transfer.Subject[*text.Model, Config, data.Tagged, *tagger.Predictor] {
	return transfer.Subject[*text.Model, Config, data.Tagged, *tagger.Predictor]{
		Task: Task(), Metric: "f1", Grid: []finetune.Choice{{LR: 5e-4}, {LR: 1e-3, Epochs: 10}},
		Cheap: func(*text.Model) transfer.Arm[data.Tagged] { return perceptron() },
		Answer: func(ctx context.Context, p *tagger.Predictor, examples []data.Tagged) (func() ([]metrics.Ratio, error), error) {
			got, err := p.TagWords(ctx, examples)
			return entities(examples, got), err
		},
	}
}

// perceptron is the baseline: after different numbers of epochs.
func perceptron() transfer.Arm[data.Tagged] {
	epochs := []int{4, 8, 16}
	a := transfer.Arm[data.Tagged]{Name: transfer.Baseline, About: "averaged perceptron"}
	for _, n := range epochs {
		a.Choices = append(a.Choices, fmt.Sprintf("%d epochs", n))
	}
	a.Fit = func(ctx context.Context, train []data.Tagged, choice int, seed uint64) (*transfer.Model[data.Tagged], error) {
		m, err := baseline.Fit(ctx, train, baseline.Options{Epochs: epochs[choice], Seed: seed})
		if err != nil {
			return nil, err
		}
		return &transfer.Model[data.Tagged]{Answer: func(_ context.Context, examples []data.Tagged) (func() ([]metrics.Ratio, error), error) {
			got := make([][]string, len(examples))
			for i, e := range examples {
				got[i] = m.Tag(e.Tokens)
			}
			return entities(examples, got), nil
		}}, nil
	}
	return a
}

// entities are a sentence's shares in the micro F1: twice the entities that are right, over those wanted and got.
func entities(examples []data.Tagged, got [][]string) func() ([]metrics.Ratio, error) {
	return func() ([]metrics.Ratio, error) {
		want := make([][]string, len(examples))
		for i, e := range examples {
			want[i] = e.Tags
		}
		s, err := metrics.ScoreEntities(want, got)
		if err != nil {
			return nil, fmt.Errorf("tagger: %w", err)
		}
		all := make([]metrics.Ratio, len(want))
		for i, c := range s.Sentences {
			all[i] = metrics.Ratio{Num: float64(2 * c.Right), Den: float64(c.Want + c.Got)}
		}
		return all, nil
	}
}
