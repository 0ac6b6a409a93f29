package summarizer

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/summarizer/extractive"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
)

// rouge is the scorer of every evaluation here: rouge-score with its stemmer, as papers report.
var rouge = metrics.ROUGE{Stem: true}

// Extracts summarises documents: a summary is its sentences, one a line.
func (p *Predictor) Extracts(ctx context.Context, documents []data.Summary, o Options) ([]string, error) {
	inputs := make([]Input, len(documents))
	for i, d := range documents {
		inputs[i] = Input{d.Source, d.Sentences}
	}
	got, err := p.Summarize(ctx, inputs, o)
	if err != nil {
		return nil, err
	}
	extracts := make([]string, len(got))
	for i, g := range got {
		extracts[i] = extractive.Join(g.Sentences, g.Picked)
	}
	return extracts, nil
}

// Evaluate summarises documents and scores the summaries, a sentence a line, against their references.
func Evaluate(ctx context.Context, p *Predictor, documents []data.Summary, o Options) (adapter.Scores, error) {
	extracts, err := p.Extracts(ctx, documents, o)
	if err != nil {
		return adapter.Scores{}, err
	}
	return Score(documents, extracts)
}

// The baselines of EvaluateBaseline.
const (
	Lead     = "lead"     // the first sentences
	TextRank = "textrank" // a random walk over sentences that share words
	Oracle   = "oracle"   // the best extract in reach, by the reference: an upper bound
)

// EvaluateBaseline scores a summarizer that learns nothing: Lead, TextRank or Oracle.
func EvaluateBaseline(ctx context.Context, name string, documents []data.Summary, o Options) (adapter.Scores, error) {
	extracts, err := BaselineExtracts(ctx, name, documents, o)
	if err != nil {
		return adapter.Scores{}, err
	}
	return Score(documents, extracts)
}

// BaselineExtracts are the summaries of a summarizer that learns nothing, as Extracts gives them.
func BaselineExtracts(ctx context.Context, name string, documents []data.Summary, o Options) ([]string, error) {
	extracts := make([]string, len(documents))
	for i, d := range documents {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		sentences := Input{d.Source, d.Sentences}.Split()
		var picked []int
		var err error
		switch name {
		case Lead:
			picked, err = Options{Sentences: o.Sentences, Words: o.Words}.pick(extractive.Lead(len(sentences)), sentences)
		case TextRank:
			picked, err = o.pick(extractive.TextRank(sentences), sentences)
		case Oracle:
			most := o.Sentences
			if most == 0 {
				most = len(sentences)
			}
			picked, err = extractive.Oracle(sentences, d.Targets, most, rouge)
		default:
			err = fmt.Errorf("got %q, want %s, %s or %s", name, Lead, TextRank, Oracle)
		}
		if err != nil {
			return nil, fmt.Errorf("summarizer: baseline: %w", err)
		}
		extracts[i] = extractive.Join(sentences, picked)
	}
	return extracts, nil
}

// Score compares summaries, whoever made them, with the references of their documents: F1 of rouge1, rouge2, rougeL and rougeLsum with their 95 %
// intervals. Of several references the best counts.
func Score(documents []data.Summary, summaries []string) (adapter.Scores, error) {
	items, err := ScoreItems(documents, summaries)
	if err != nil {
		return adapter.Scores{}, err
	}
	values := map[string][]float64{}
	for _, s := range items {
		for name, v := range map[string]metrics.RougeScore{"rouge1": s.Rouge1, "rouge2": s.Rouge2, "rougeL": s.RougeL, "rougeLsum": s.RougeLsum} {
			values[name] = append(values[name], v.F1)
		}
	}
	out, err := adapter.MeanScores(len(documents), values)
	if err != nil {
		return adapter.Scores{}, fmt.Errorf("summarizer: %w", err)
	}
	return out, nil
}

// ScoreItems is Score of every document.
func ScoreItems(documents []data.Summary, summaries []string) ([]metrics.RougeScores, error) {
	if len(summaries) != len(documents) {
		return nil, fmt.Errorf("summarizer: got %d summaries, want %d", len(summaries), len(documents))
	}
	all := make([]metrics.RougeScores, len(documents))
	for i, d := range documents {
		var err error
		if all[i], err = rouge.ScoreMulti(d.Targets, summaries[i]); err != nil {
			return nil, fmt.Errorf("summarizer: document %d: %w", i, err)
		}
	}
	return all, nil
}
