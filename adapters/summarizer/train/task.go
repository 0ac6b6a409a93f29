// Package train tunes a base model to pick the sentences of a summary.
//
// Adapt trains an adapter folder that summarizer.Load reads; Train does it in memory; Verify repeats it from the folder's passport.
package train

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text"
)

// A Config is the whole recipe of a summarizer.
type Config struct {
	finetune.Config
	MaxSentence int                `json:"max_sentence"` // most tokens of a sentence
	Temperature float64            `json:"temperature"`  // of what sentences are worth: the lower, the more the best one counts
	Options     summarizer.Options `json:"options"`      // of the summaries it is evaluated on
}

// Defaults returns the recipe used where the caller has no other: one sentence, as SciTLDR wants.
func Defaults() Config {
	c := Config{Config: finetune.Defaults(), MaxSentence: 64, Temperature: 0.1, Options: summarizer.Options{Sentences: 1}}
	c.Batch = 16
	return c
}

// Validate returns a finetune.ErrConfig that names the first field out of range.
func (c *Config) Validate() error {
	if !(c.Temperature >= 1e-3 && c.Temperature <= 1e3) {
		return fmt.Errorf("%w: temperature: got %v, want 0.001 to 1000", finetune.ErrConfig, c.Temperature)
	}
	if c.MaxSentence < 1 {
		return fmt.Errorf("%w: max_sentence: got %d, want at least 1", finetune.ErrConfig, c.MaxSentence)
	}
	return c.Config.Validate()
}

// Data are documents with summaries to train on and to evaluate on.
type Data = finetune.Data[data.Summary]

// Task describes the summarizer to finetune.
func Task() finetune.Task[*text.Model, Config, data.Summary, *summarizer.Predictor] {
	return finetune.Task[*text.Model, Config, data.Summary, *summarizer.Predictor]{
		Name: summarizer.Task, TaskType: "TOKEN_CLS", Monitor: "rouge1",
		About: "Summarize a document by some of its sentences (JSONL of source, or turns of a dialogue, and target)", Input: `{"text"} or {"turns"}`, Output: `{"summary_text"}`,
		Defaults: Defaults,
		Tuning:   func(c *Config) *finetune.Config { return &c.Config },
		Validate: (*Config).Validate,
		Read: func(path string, _ []string, _ Config) ([]data.Summary, error) {
			return data.Collect(data.ReadSummaries(path, data.SummaryOptions{}))
		},
		Split: data.SplitItems[data.Summary],
		Fit:   fit,
		Score: func(ctx context.Context, p *summarizer.Predictor, documents []data.Summary) (adapter.Scores, error) {
			return summarizer.Evaluate(ctx, p, documents, summarizer.Options{})
		},
		Settings: func(p *summarizer.Predictor) any { return p.Settings() },
		Load:     summarizer.Load,
	}
}

// ReadData reads the training file and, unless its path is empty, the evaluation file.
func ReadData(trainPath, evalPath string, c Config) (Data, error) {
	return Task().ReadData(trainPath, evalPath, c)
}

// Adapt trains a summarizer on d by the recipe c, scores it, and writes its folder to o.Out.
func Adapt(ctx context.Context, base *text.Model, d Data, c Config, o finetune.Options) (*adapter.Passport, error) {
	return Task().Adapt(ctx, base, d, c, o)
}

// Train is Adapt without a folder: it returns the predictor, with the passport that its folder would have.
func Train(ctx context.Context, base *text.Model, d Data, c Config, o finetune.Options) (*adapter.Passport, *summarizer.Predictor, error) {
	return Task().Train(ctx, base, d, c, o)
}

// Verify trains the adapter in dir again from its passport and compares the digests. Base and data must be those it was made on.
func Verify(ctx context.Context, dir string, base *text.Model, o finetune.Options) (adapter.Verification, error) {
	return Task().Verify(ctx, dir, base, o)
}
