package pretrain

import (
	"errors"
	"fmt"

	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/text"
)

// ErrConfig means that a pretraining configuration is out of range; the error names the field.
var ErrConfig = errors.New("pretrain: config")

// A Config is the recipe of a pretraining run.
type Config struct {
	Model     text.Config `json:"model"`          // vocab_size is what a trained tokenizer aims at
	Tokenizer string      `json:"tokenizer"`      // wordpiece or bpe, where it is trained here
	Cased     bool        `json:"cased"`          // a trained WordPiece keeps case and accents
	Length    int         `json:"length"`         // tokens of a window, with [CLS] and [SEP]
	Short     float64     `json:"short"`          // fraction of windows cut to a random length, which are padded
	Batch     int         `json:"batch"`          // windows of a micro-batch
	Held      float64     `json:"held"`           // fraction of the text held back
	EvalMax   int         `json:"eval_max"`       // most held-back windows that an evaluation reads
	Half      bool        `json:"half,omitempty"` // round the trained weights to float16 and store them so

	Dropout      *float32      `json:"dropout,omitempty"`      // while pretraining; nil: the model's own
	CoOccurrence *CoOccurrence `json:"cooccurrence,omitempty"` // where the word embeddings start; nil: at random

	// What is learnt by: at least one. Each takes its share of the micro-batches.
	Masked      *Masked      `json:"masked,omitempty"`
	Causal      *Causal      `json:"causal,omitempty"`
	Replaced    *Replaced    `json:"replaced,omitempty"`
	Contrastive *Contrastive `json:"contrastive,omitempty"`
	Distilled   *Distilled   `json:"distilled,omitempty"`

	Train train.Config `json:"train"`
}

// Default returns the recipe of a preset: tiny, mini or small.
func Default(preset string) (Config, error) {
	m, err := text.Preset(preset, 8192)
	if err != nil {
		return Config{}, fmt.Errorf("%w: preset: %w", ErrConfig, err)
	}
	if preset == "tiny" {
		m.VocabSize = 4096
	}
	t := train.DefaultConfig()
	t.LR, t.Steps, t.Warmup, t.SaveEvery, t.EvalEvery = 1e-3, 2000, 200, 200, 200
	return Config{
		Model: m, Tokenizer: "wordpiece", Length: m.MaxPositions, Batch: 32, Held: 0.05, EvalMax: 512,
		Masked: &Masked{Share: 1, Rate: 0.15}, Train: t,
	}, nil
}

// ParseConfig reads a recipe over the defaults of a preset. Unknown keys are refused.
func ParseConfig(raw []byte, preset string) (Config, error) {
	c, err := Default(preset)
	if err != nil {
		return Config{}, err
	}
	if err := strictjson.Decode(raw, &c, strictjson.Limits{}); err != nil {
		return Config{}, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return c, c.Validate()
}

// Validate returns an ErrConfig that names the first field out of range.
func (c *Config) Validate() error {
	if err := c.Model.Validate(); err != nil {
		return fmt.Errorf("%w: model: %w", ErrConfig, err)
	}
	if err := c.Train.Validate(); err != nil {
		return fmt.Errorf("%w: train: %w", ErrConfig, err)
	}
	if c.Tokenizer != "wordpiece" && c.Tokenizer != "bpe" {
		return fmt.Errorf("%w: tokenizer: got %q, want wordpiece or bpe", ErrConfig, c.Tokenizer)
	}
	for _, f := range []struct {
		name           string
		got, low, high float64
	}{
		{"length", float64(c.Length), 8, float64(c.Model.MaxPositions)},
		{"short", c.Short, 0, 1},
		{"batch", float64(c.Batch), 1, 1e5},
		{"held", c.Held, 0.001, 0.5},
		{"eval_max", float64(c.EvalMax), 1, 1e9},
	} {
		if !(f.got >= f.low && f.got <= f.high) {
			return fmt.Errorf("%w: %s: got %v, want %v to %v", ErrConfig, f.name, f.got, f.low, f.high)
		}
	}
	return c.validateObjectives()
}

// validateObjectives checks what is learnt by and how the embeddings start.
func (c *Config) validateObjectives() error {
	var errs []error
	n := 0
	check := func(name string, share float64, err error) {
		if n++; !(share > 0 && share <= 1e6) {
			err = errors.Join(err, fmt.Errorf("%s.share: got %v, want more than 0", name, share))
		}
		errs = append(errs, err)
	}
	if o := c.Masked; o != nil {
		check("masked", o.Share, o.validate())
	}
	if o := c.Causal; o != nil {
		check("causal", o.Share, nil)
	}
	if o := c.Replaced; o != nil {
		check("replaced", o.Share, o.validate(c.Model.Config))
	}
	if o := c.Contrastive; o != nil {
		check("contrastive", o.Share, o.validate())
	}
	if o := c.Distilled; o != nil {
		check("distilled", o.Share, o.validate())
	}
	if c.Dropout != nil && !(*c.Dropout >= 0 && *c.Dropout < 1) {
		errs = append(errs, fmt.Errorf("dropout: got %v, want 0 or more and less than 1", *c.Dropout))
	}
	if c.CoOccurrence != nil {
		errs = append(errs, c.CoOccurrence.validate())
		if c.CoOccurrence.Whiten > 0 && (c.Replaced != nil || c.Distilled != nil) {
			errs = append(errs, errors.New("cooccurrence.whiten: got it beside replaced or distilled, whose heads can't take centred vectors, want masked, causal or contrastive"))
		}
	}
	if n == 0 {
		errs = append(errs, errors.New("objectives: got none, want masked, causal, replaced, contrastive or distilled"))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return nil
}

// predicts lists the objectives that the language-model head learns by, as a model's config.json names them.
func (c *Config) predicts() []string {
	var all []string
	switch {
	case c.Masked != nil && c.Masked.Shift:
		all = append(all, text.ObjectiveShifted)
	case c.Masked != nil:
		all = append(all, text.ObjectiveMasked)
	}
	if c.Causal != nil {
		all = append(all, text.ObjectiveCausal)
	}
	return all
}
