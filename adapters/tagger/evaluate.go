package tagger

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
)

// Evaluate tags sentences and scores the tags. Every word counts, also one that the tokenizer drops. A tag that the predictor doesn't know counts as wrong.
func Evaluate(ctx context.Context, p *Predictor, examples []data.Tagged) (adapter.Scores, error) {
	got, err := p.TagWords(ctx, examples)
	if err != nil {
		return adapter.Scores{}, err
	}
	return Score(examples, got)
}

// TagWords gives the tags of the examples' words, whatever tags they have.
func (p *Predictor) TagWords(ctx context.Context, examples []data.Tagged) ([][]string, error) {
	sentences := make([]*Sentence, len(examples))
	for i, e := range examples {
		var err error
		if sentences[i], err = JoinWords(p.model, e.Tokens); err != nil {
			return nil, err
		}
	}
	tags, err := p.Tag(ctx, sentences)
	if err != nil {
		return nil, err
	}
	all := make([][]string, len(tags))
	for i, words := range tags {
		for _, t := range words {
			all[i] = append(all[i], t.Label)
		}
	}
	return all, nil
}

// Score compares tags, whoever gave them, with the examples': precision, recall and f1 of entities, micro averages as conlleval and seqeval give them, and
// the accuracy of tags, with their 95 % intervals over sentences. n counts sentences.
func Score(examples []data.Tagged, got [][]string) (adapter.Scores, error) {
	want := make([][]string, len(examples))
	for i, e := range examples {
		want[i] = e.Tags
	}
	s, err := metrics.ScoreEntities(want, got)
	if err != nil {
		return adapter.Scores{}, fmt.Errorf("tagger: %w", err)
	}
	out := adapter.Scores{N: len(want), Values: map[string]float64{}, Interval: map[string][2]float64{}}
	entities := func(score func(metrics.EntityCounts) float64) func([]int32) float64 {
		return func(items []int32) float64 {
			var sum metrics.EntityCounts
			for _, i := range items {
				sum.Add(s.Sentences[i])
			}
			return score(sum)
		}
	}
	for name, statistic := range map[string]func([]int32) float64{
		"precision": entities(metrics.EntityCounts.Precision),
		"recall":    entities(metrics.EntityCounts.Recall),
		"f1":        entities(metrics.EntityCounts.F1),
		"accuracy": func(items []int32) float64 {
			equal, words := 0, 0
			for _, i := range items {
				equal, words = equal+s.EqualWords[i], words+len(want[i])
			}
			return float64(equal) / float64(words)
		},
	} {
		i, err := metrics.BootstrapFunc(len(want), adapter.BootstrapSeed, statistic)
		if err != nil {
			return adapter.Scores{}, fmt.Errorf("tagger: %s: %w", name, err)
		}
		out.Values[name], out.Interval[name] = i.Mean, [2]float64{i.Low, i.High}
	}
	return out, nil
}
