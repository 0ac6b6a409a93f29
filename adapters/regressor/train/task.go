// Package train tunes a base model to give texts a number.
//
// Adapt trains an adapter folder that regressor.Load reads; Train does it in memory; Verify repeats it from the folder's passport.
package train

import (
	"context"

	"github.com/fmkit/fmkit/adapters/regressor"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// A Config is the whole recipe.
type Config struct {
	finetune.Config
	Pooling     string  `json:"pooling"`                // mean, cls or max
	Normalize   bool    `json:"normalize"`              // scale the pooled vectors to length 1 before the head
	Penalty     float64 `json:"penalty,omitempty"`      // of the ridge regression that the head starts from; 0: chosen by leaving one out
	TextColumn  string  `json:"text_column,omitempty"`  // column or key of the text; empty: text
	LabelColumn string  `json:"label_column,omitempty"` // column or key of the number; empty: label
}

// Defaults returns the recipe used where the caller has no other: the head starts from ridge regression, which is all with method head, then everything is tuned.
func Defaults() Config {
	return Config{Config: finetune.Defaults(), Pooling: string(nn.PoolMean), Normalize: true}
}

// Data are texts whose labels are numbers to train on and to evaluate on.
type Data = finetune.Data[data.Labelled]

// Task describes the adapter to finetune.
func Task() finetune.Task[*text.Model, Config, data.Labelled, *regressor.Predictor] {
	return finetune.Task[*text.Model, Config, data.Labelled, *regressor.Predictor]{
		Name: regressor.Task, TaskType: "SEQ_CLS", Monitor: "r2",
		About: "Give texts a number (CSV or JSONL of text and label, a number)", Input: `{"text"}`, Output: `{"score"}`,
		Defaults: Defaults,
		Tuning:   func(c *Config) *finetune.Config { return &c.Config },
		Validate: func(c *Config) error { return c.Config.Validate() },
		Read: func(path string, _ []string, c Config) ([]data.Labelled, error) {
			return data.Collect(data.ReadLabelled(path, data.LabelledOptions{Text: c.TextColumn, Label: c.LabelColumn, Number: true}))
		},
		Split:    data.SplitItems[data.Labelled],
		Fit:      fit,
		Score:    regressor.Evaluate,
		Settings: func(p *regressor.Predictor) any { return p.Settings() },
		Load:     regressor.Load,
	}
}

// ReadData reads the training file and, unless its path is empty, the evaluation file.
func ReadData(trainPath, evalPath string, c Config) (Data, error) {
	return Task().ReadData(trainPath, evalPath, c)
}

// Adapt trains an adapter on d by the recipe c, scores it, and writes its folder to o.Out.
func Adapt(ctx context.Context, base *text.Model, d Data, c Config, o finetune.Options) (*adapter.Passport, error) {
	return Task().Adapt(ctx, base, d, c, o)
}

// Train is Adapt without a folder: it returns the predictor, with the passport that its folder would have.
func Train(ctx context.Context, base *text.Model, d Data, c Config, o finetune.Options) (*adapter.Passport, *regressor.Predictor, error) {
	return Task().Train(ctx, base, d, c, o)
}

// Verify trains the adapter in dir again from its passport and compares the digests. Base and data must be those it was made on.
func Verify(ctx context.Context, dir string, base *text.Model, o finetune.Options) (adapter.Verification, error) {
	return Task().Verify(ctx, dir, base, o)
}
