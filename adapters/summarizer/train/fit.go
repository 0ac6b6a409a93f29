package train

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/adapters/summarizer/extractive"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// fit trains the sentence head, and the model under it unless the method is head.
func fit(ctx context.Context, base *text.Model, documents []data.Summary, c Config, o finetune.Options) (*finetune.Fitted[*text.Model], *summarizer.Predictor, error) {
	s := summarizer.Settings{MaxLength: base.Length(c.MaxLength), MaxSentence: c.MaxSentence, Options: c.Options}
	var rows []text.Row
	var spans [][]summarizer.Span
	var labels [][]float32
	for i, d := range documents {
		sentences, want, err := oracle(d, c.Oracle)
		if err != nil {
			return nil, nil, fmt.Errorf("summarizer: document %d: %w", i, err)
		}
		for _, r := range summarizer.Rows(base, sentences, s) {
			rows = append(rows, text.Row{IDs: r.IDs})
			spans = append(spans, r.Spans)
			labels = append(labels, want[r.First:r.First+len(r.Spans)])
		}
	}
	loss := summarizer.NewSentenceLoss(base.Width(), c.Seed)
	head := finetune.Head{
		Layers: []nn.Sublayer{loss},
		Target: func(rows []int32) {
			loss.Spans, loss.Labels = loss.Spans[:0], loss.Labels[:0]
			for _, r := range rows {
				loss.Spans = append(loss.Spans, spans[r])
				loss.Labels = append(loss.Labels, labels[r])
			}
		},
	}
	f, err := finetune.Fit(ctx, base, head, base.TuningRows(rows), c.Config, o)
	if err != nil {
		return nil, nil, err
	}
	p, err := summarizer.New(f.Model, loss.Outputs, s)
	return f, p, err
}

// oracle returns a document's sentences with 1 for those of its best extract and 0 for the others.
func oracle(d data.Summary, most int) ([]string, []float32, error) {
	sentences := summarizer.Input{Text: d.Source, Sentences: d.Sentences}.Split()
	labels := make([]float32, len(sentences))
	picked, err := extractive.Oracle(sentences, d.Targets, most, metrics.ROUGE{Stem: true})
	for _, i := range picked {
		labels[i] = 1
	}
	return sentences, labels, err
}
