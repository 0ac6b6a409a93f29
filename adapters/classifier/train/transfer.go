package train

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/pictures"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/transfer"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
)

// TransferTexts asks whether pretraining pays on labelled texts; the baseline is TF-IDF with a linear model.
func TransferTexts() transfer.Subject[*text.Model, Config, data.Labelled, *classifier.Predictor] {
	return transfer.Subject[*text.Model, Config, data.Labelled, *classifier.Predictor]{
		Task: Task(), Metric: "accuracy", Grid: transferGrid(), Recipes: recipes,
		Cheap: func(*text.Model) transfer.Arm[data.Labelled] { return Linear() },
		Answer: func(ctx context.Context, p *classifier.Predictor, examples []data.Labelled) (func() ([]metrics.Ratio, error), error) {
			scores, err := p.Predict(ctx, textsOf(examples))
			if err != nil {
				return nil, err
			}
			best := make([]string, len(scores))
			for i, s := range scores {
				best[i] = s[0].Label
			}
			return correct(labels(examples), best), nil
		},
	}
}

// TransferPictures asks whether pretraining pays on labelled pictures; the baseline is HOG with a linear SVM.
func TransferPictures() transfer.Subject[*vision.Model, Config, dataset.Item, *pictures.Predictor] {
	return transfer.Subject[*vision.Model, Config, dataset.Item, *pictures.Predictor]{
		Task: Pictures(), Metric: "accuracy", Grid: transferGrid(), Recipes: recipes,
		Cheap: func(base *vision.Model) transfer.Arm[dataset.Item] { return HOG(&base.Config) },
		Answer: func(ctx context.Context, p *pictures.Predictor, items []dataset.Item) (func() ([]metrics.Ratio, error), error) {
			best, err := p.Classes(ctx, items)
			if err != nil {
				return nil, err
			}
			return correct(dataset.Labels(items), best), nil
		},
	}
}

func transferGrid() []finetune.Choice {
	return []finetune.Choice{{LR: 3e-4, Epochs: 20}, {LR: 1e-3, Epochs: 20}}
}

// recipes are those of classifiers whose heads start from logistic regression. With method head that is all, at two strengths. Elsewhere the head may be a
// random one too: over the vectors of random weights, which are much alike, regression is no start.
func recipes(c Config, point int) []transfer.Recipe[Config] {
	if c.Logistic == 0 {
		return []transfer.Recipe[Config]{{Config: c}}
	}
	if c.Method == adapter.Head {
		if point > 0 {
			return nil
		}
		strong := c
		strong.Logistic *= 10
		return []transfer.Recipe[Config]{
			{Name: fmt.Sprintf("logistic regression, C %g", c.Logistic), Alone: true, Config: c},
			{Name: fmt.Sprintf("logistic regression, C %g", strong.Logistic), Alone: true, Config: strong},
		}
	}
	random := c
	random.Logistic, random.Normalize = 0, false
	return []transfer.Recipe[Config]{{Config: c}, {Name: "random head", Config: random}}
}

// correct scores labels.
func correct(want, got []string) func() ([]metrics.Ratio, error) {
	return func() ([]metrics.Ratio, error) {
		right, err := metrics.Correct(want, got)
		return metrics.Ratios(right), err
	}
}
