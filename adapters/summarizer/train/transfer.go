package train

import (
	"context"

	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/transfer"
	"github.com/fmkit/fmkit/text"
)

// Transfer asks whether pretraining pays on documents with summaries, by the mean F1 of ROUGE-1 of one-sentence summaries; the baseline is the first sentence or
// the one that TextRank likes best.
func Transfer() transfer.Subject[*text.Model, Config, data.Summary, *summarizer.Predictor] {
	return transfer.Subject[*text.Model, Config, data.Summary, *summarizer.Predictor]{
		Task: Task(), Metric: "rouge1", Grid: []finetune.Choice{{LR: 1e-4, Epochs: 3}, {LR: 5e-4, Epochs: 10}},
		Cheap: func(*text.Model) transfer.Arm[data.Summary] { return untaught() },
		Answer: func(ctx context.Context, p *summarizer.Predictor, documents []data.Summary) (func() ([]metrics.Ratio, error), error) {
			got, err := p.Extracts(ctx, documents, summarizer.Options{})
			return rouge1(documents, got), err
		},
	}
}

// untaught is the baseline, which learns nothing but which of two ways to take.
func untaught() transfer.Arm[data.Summary] {
	ways := []string{summarizer.Lead, summarizer.TextRank}
	return transfer.Arm[data.Summary]{
		Name: transfer.Baseline, About: "the first sentences, or TextRank", Choices: ways,
		Fit: func(_ context.Context, _ []data.Summary, choice int, _ uint64) (*transfer.Model[data.Summary], error) {
			return &transfer.Model[data.Summary]{Answer: func(ctx context.Context, documents []data.Summary) (func() ([]metrics.Ratio, error), error) {
				got, err := summarizer.BaselineExtracts(ctx, ways[choice], documents, Defaults().Options)
				return rouge1(documents, got), err
			}}, nil
		},
	}
}

func rouge1(documents []data.Summary, got []string) func() ([]metrics.Ratio, error) {
	return func() ([]metrics.Ratio, error) {
		scores, err := summarizer.ScoreItems(documents, got)
		if err != nil {
			return nil, err
		}
		all := make([]metrics.Ratio, len(scores))
		for i, s := range scores {
			all[i] = metrics.Ratio{Num: s.Rouge1.F1, Den: 1}
		}
		return all, nil
	}
}
