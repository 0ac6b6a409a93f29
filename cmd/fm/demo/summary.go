package demo

import (
	"context"

	"github.com/fmkit/fmkit/adapters/summarizer/extractive"
	"github.com/fmkit/fmkit/text"
)

// summarySentences is the length of a summary.
const summarySentences = 4

// summarize picks the sentences whose vectors lie nearest to the mean of the page's, without saying things twice (centroid-based
// extraction, Radev et al., 2004, with an encoder in place of word counts).
func summarize(ctx context.Context, base *text.Model, sentences []string) ([]string, error) {
	e, err := text.NewEmbedder(base, text.EmbedConfig{Normalize: true})
	if err != nil {
		return nil, err
	}
	vectors, err := e.Embed(ctx, sentences)
	if err != nil {
		return nil, err
	}
	centroid := make([]float64, e.Width())
	for _, v := range vectors {
		for i, x := range v {
			centroid[i] += float64(x)
		}
	}
	scores := make([]float64, len(vectors))
	for i, v := range vectors {
		for j, x := range v {
			scores[i] += float64(x) * centroid[j]
		}
	}
	picked, err := extractive.Select(scores, sentences, extractive.Budget{Sentences: summarySentences}, extractive.Redundancy{Trigrams: true, MMR: 0.3})
	if err != nil {
		return nil, err
	}
	var summary []string
	for _, i := range picked {
		summary = append(summary, sentences[i])
	}
	return summary, nil
}
