package train

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/summarizer"
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
	var goals [][]float32
	for i, d := range documents {
		sentences, gain, err := gains(d)
		if err != nil {
			return nil, nil, fmt.Errorf("summarizer: document %d: %w", i, err)
		}
		for _, r := range summarizer.Rows(base, sentences, s) {
			rows = append(rows, text.Row{IDs: r.IDs})
			spans = append(spans, r.Spans)
			goals = append(goals, gain[r.First:r.First+len(r.Spans)])
		}
	}
	loss := summarizer.NewSentenceLoss(base.Width(), float32(c.Temperature), c.Seed)
	head := finetune.Head{
		Layers: []nn.Sublayer{loss},
		Target: func(rows []int32) {
			loss.Spans, loss.Gains = loss.Spans[:0], loss.Gains[:0]
			for _, r := range rows {
				loss.Spans = append(loss.Spans, spans[r])
				loss.Gains = append(loss.Gains, goals[r])
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

// gains returns a document's sentences and how good each is as the whole summary: ROUGE-1 F1 plus ROUGE-2 F1, of several references the best.
func gains(d data.Summary) ([]string, []float32, error) {
	sentences := summarizer.Input{Text: d.Source, Sentences: d.Sentences}.Split()
	all := make([]float32, len(sentences))
	for i, s := range sentences {
		r, err := metrics.ROUGE{Stem: true}.ScoreMulti(d.Targets, s)
		if err != nil {
			return nil, nil, err
		}
		all[i] = float32(r.Rouge1.F1 + r.Rouge2.F1)
	}
	return sentences, all, nil
}
