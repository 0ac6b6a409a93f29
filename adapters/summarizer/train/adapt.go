// Package train tunes a base model to pick the sentences of a summary.
package train

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/adapters/summarizer/extractive"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/finetune"
)

// A Config is the whole recipe of a summarizer.
type Config struct {
	finetune.Config
	MaxSentence int                `json:"max_sentence"` // most tokens of a sentence
	Oracle      int                `json:"oracle"`       // most sentences of the ideal extract to learn from
	Options     summarizer.Options `json:"options"`      // of the summaries it is evaluated on
}

// Defaults returns the recipe used where the caller has no other: one sentence, as SciTLDR wants.
func Defaults() Config {
	c := Config{Config: finetune.Defaults(), MaxSentence: 64, Oracle: 3, Options: summarizer.Options{Sentences: 1}}
	c.Batch = 16
	return c
}

// ParseConfig reads a recipe over the defaults. Unknown keys are refused.
func ParseConfig(raw []byte) (Config, error) {
	c := Defaults()
	if err := strictjson.Decode(raw, &c, strictjson.Limits{}); err != nil {
		return Config{}, fmt.Errorf("%w: %w", finetune.ErrConfig, err)
	}
	return c, c.check()
}

func (c *Config) check() error {
	if c.Oracle < 1 {
		return fmt.Errorf("%w: oracle: got %d, want at least 1", finetune.ErrConfig, c.Oracle)
	}
	if c.MaxSentence < 1 {
		return fmt.Errorf("%w: max_sentence: got %d, want at least 1", finetune.ErrConfig, c.MaxSentence)
	}
	return c.Validate()
}

// Data are documents with summaries to train on and to evaluate on.
type Data = finetune.Data[data.Summary]

// ReadData reads the training file and, unless its path is empty, the evaluation file.
func ReadData(trainPath, evalPath string, _ Config) (Data, error) {
	return finetune.ReadData(trainPath, evalPath, func(path string, _ []data.Summary) ([]data.Summary, error) {
		return data.Collect(data.ReadSummaries(path, data.SummaryOptions{}))
	})
}

func split(documents []data.Summary, fraction float64, seed uint64) (train, held []data.Summary) {
	t, h := data.Split(len(documents), fraction, seed)
	for _, i := range t {
		train = append(train, documents[i])
	}
	for _, i := range h {
		held = append(held, documents[i])
	}
	return train, held
}

// task describes the summarizer to finetune.
func task(c Config) finetune.Task[data.Summary, *summarizer.Predictor] {
	return finetune.Task[data.Summary, *summarizer.Predictor]{
		Name: summarizer.Task, TaskType: "TOKEN_CLS", Monitor: "rouge1", Split: split,
		Fit: func(ctx context.Context, base *text.Model, documents []data.Summary, f finetune.Config, o finetune.Options) (*finetune.Fitted, *summarizer.Predictor, error) {
			return fit(ctx, base, documents, c.with(f), o)
		},
		Score: func(ctx context.Context, p *summarizer.Predictor, held []data.Summary) (adapter.Scores, error) {
			return summarizer.Evaluate(ctx, p, held, summarizer.Options{})
		},
		Settings: func(p *summarizer.Predictor) any { return p.Settings() },
		Recipe:   func(f finetune.Config) any { return c.with(f) },
	}
}

func (c Config) with(f finetune.Config) Config {
	c.Config = f
	return c
}

// fit trains the sentence head, and the model under it unless the method is head.
func fit(ctx context.Context, base *text.Model, documents []data.Summary, c Config, o finetune.Options) (*finetune.Fitted, *summarizer.Predictor, error) {
	if err := c.check(); err != nil {
		return nil, nil, err
	}
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
	f, err := finetune.Fit(ctx, base, head, rows, c.Config, o)
	if err != nil {
		return nil, nil, err
	}
	p, err := summarizer.New(f.Model, loss.Outputs, s)
	return f, p, err
}

// oracle returns a document's sentences with 1 for those of its best extract and 0 for the others.
func oracle(d data.Summary, most int) ([]string, []float32, error) {
	sentences := d.Sentences
	if sentences == nil {
		for _, s := range extractive.Sentences(d.Source) {
			sentences = append(sentences, s.Text)
		}
	}
	labels := make([]float32, len(sentences))
	picked, err := extractive.Oracle(sentences, d.Targets, most, metrics.ROUGE{Stem: true})
	for _, i := range picked {
		labels[i] = 1
	}
	return sentences, labels, err
}

// Adapt trains an adapter on d, scores it, and writes its folder to o.Out.
func Adapt(ctx context.Context, base *text.Model, d Data, c Config, o finetune.Options) (*adapter.Passport, error) {
	return finetune.Adapt(ctx, task(c), base, d, c.Config, o)
}

// Train is Adapt without a folder: it returns the predictor, with the passport that it would have.
func Train(ctx context.Context, base *text.Model, d Data, c Config, o finetune.Options) (*adapter.Passport, *summarizer.Predictor, error) {
	return finetune.Train(ctx, task(c), base, d, c.Config, o)
}

// Verify trains the adapter in dir again from its passport and compares the digests.
func Verify(ctx context.Context, dir string, base *text.Model, o finetune.Options) (adapter.Verification, error) {
	return finetune.Verify(dir, summarizer.Task, base, func(p *adapter.Passport) (*adapter.Passport, error) {
		c, err := ParseConfig(p.Recipe)
		if err != nil {
			return nil, err
		}
		trainPath, evalPath := finetune.Paths(p)
		d, err := ReadData(trainPath, evalPath, c)
		if err != nil {
			return nil, err
		}
		return Adapt(ctx, base, d, c, finetune.Again(o))
	})
}
