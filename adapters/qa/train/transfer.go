package train

import (
	"context"
	"slices"

	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/qa/baseline"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/transfer"
	"github.com/fmkit/fmkit/text"
)

// Transfer asks whether pretraining pays on questions, by SQuAD's F1; the baseline is a sliding window. Budgets count questions.
func Transfer() transfer.Subject[*text.Model, Config, data.Question, *qa.Predictor] {
	return transfer.Subject[*text.Model, Config, data.Question, *qa.Predictor]{
		Task: Task(), Metric: "f1", Grid: []finetune.Choice{{LR: 3e-4}, {LR: 1e-3}}, Calibrates: unanswered,
		Cheap: func(*text.Model) transfer.Arm[data.Question] { return window() },
		Answer: func(ctx context.Context, p *qa.Predictor, questions []data.Question) (func() ([]metrics.Ratio, error), error) {
			got, err := p.Answers(ctx, questions)
			return f1(questions, got), err
		},
	}
}

// unanswered says whether some question has no answer.
func unanswered(questions []data.Question) bool {
	return slices.ContainsFunc(questions, func(q data.Question) bool { return q.Impossible })
}

// window is the baseline, of different widths.
func window() transfer.Arm[data.Question] {
	options := []baseline.Options{{Width: 10}, {Width: 20}, {Width: 40}}
	a := transfer.Arm[data.Question]{Name: transfer.Baseline, About: "the words nearest to the question's"}
	for _, o := range options {
		a.Choices = append(a.Choices, o.String())
	}
	a.Fit = func(ctx context.Context, train []data.Question, choice int, _ uint64) (*transfer.Model[data.Question], error) {
		m, err := baseline.Fit(ctx, train, options[choice])
		if err != nil {
			return nil, err
		}
		return &transfer.Model[data.Question]{Answer: func(ctx context.Context, questions []data.Question) (func() ([]metrics.Ratio, error), error) {
			got := make(map[string]string, len(questions))
			for _, q := range questions {
				got[q.ID] = m.Answer(q.Text, q.Context)
			}
			return f1(questions, got), ctx.Err()
		}}, nil
	}
	return a
}

func f1(questions []data.Question, got map[string]string) func() ([]metrics.Ratio, error) {
	return func() ([]metrics.Ratio, error) {
		s, err := qa.ScoreItems(questions, got)
		return metrics.Ratios(s.ItemF1), err
	}
}
