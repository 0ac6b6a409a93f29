// Package train tunes a base model to tag words.
//
// Adapt trains an adapter folder that tagger.Load reads; Train does it in memory; Verify repeats it from the folder's passport.
//
// On all-MiniLM-L6-v2, two epochs at a rate of 3e-4, 8 sentences a step, one seed (fm adapt tag --epochs 2 --lr 3e-4 --no-calibration), the F1 of entities, and that of the same
// recipe in transformers (cmd/bench/tune_tag.py):
//
//	SNIPS slots, a fifth of them held back   0.936 [0.930, 0.942]   0.934
//	restaurant8k, a fifth of it held back    0.916 [0.902, 0.930]   0.916
//	WNUT 17                                  0.542 [0.506, 0.578]   0.537
package train

import (
	"context"

	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text"
)

// A Config is the whole recipe of a tagger.
type Config struct {
	finetune.Config
}

// Defaults returns the recipe used where the caller has no other: small batches, for words need many steps. With 2,400 sentences of SNIPS' slots and
// text/mini-distilled, 700 steps of 8 sentences gave an F1 4 points above 160 steps of 32.
func Defaults() Config {
	c := Config{finetune.Defaults()}
	c.Batch, c.LR, c.Calibration = 8, 5e-4, calibration.Default()
	return c
}

// Data are sentences to train on and to evaluate on.
type Data = finetune.Data[data.Tagged]

// Task describes the tagger to finetune.
func Task() finetune.Task[*text.Model, Config, data.Tagged, *tagger.Predictor] {
	return finetune.Task[*text.Model, Config, data.Tagged, *tagger.Predictor]{
		Name: tagger.Task, TaskType: "TOKEN_CLS", Monitor: "f1",
		About: "Find names and slots in texts (JSONL of tokens and BIO tags, or CoNLL columns)",
		Input: `{"text"} or {"tokens"}`, Output: `[{"entity_group", "score", "word", "start", "end"}], calibrated with {"verdict", "confidence", "why"}`,
		Defaults: Defaults,
		Tuning:   func(c *Config) *finetune.Config { return &c.Config },
		Validate: func(c *Config) error { return c.Config.Validate() },
		Read: func(path string, _ []string, _ Config) ([]data.Tagged, error) {
			return data.Collect(data.ReadTagged(path))
		},
		Split: Split,
		Fit:   fit,
		Calibrate: func(ctx context.Context, p *tagger.Predictor, held []data.Tagged, own bool, s calibration.Settings) ([]data.Tagged, error) {
			if !own || s == (calibration.Settings{}) {
				return held, nil
			}
			rest, learn := Split(held, s.Share, calibrationSeed)
			ok, err := tagger.Calibrate(ctx, p, learn, s)
			if err != nil || !ok {
				return held, err
			}
			return rest, nil
		},
		Score:    tagger.Evaluate,
		Settings: func(p *tagger.Predictor) any { return p.Settings() },
		Load:     tagger.Load,
	}
}

const calibrationSeed = 1

// Split holds a seeded fraction of the sentences back.
func Split(examples []data.Tagged, fraction float64, seed uint64) (train, held []data.Tagged) {
	t, h := data.Split(len(examples), fraction, seed)
	return data.Pick(examples, t), data.Pick(examples, h)
}

// ReadData reads the training file and, unless its path is empty, the evaluation file.
func ReadData(trainPath, evalPath string, c Config) (Data, error) {
	return Task().ReadData(trainPath, evalPath, c)
}

// Adapt trains a tagger on d by the recipe c, scores it, and writes its folder to o.Out.
func Adapt(ctx context.Context, base *text.Model, d Data, c Config, o finetune.Options) (*adapter.Passport, error) {
	return Task().Adapt(ctx, base, d, c, o)
}

// Train is Adapt without a folder: it returns the predictor, with the passport that its folder would have.
func Train(ctx context.Context, base *text.Model, d Data, c Config, o finetune.Options) (*adapter.Passport, *tagger.Predictor, error) {
	return Task().Train(ctx, base, d, c, o)
}

// Verify trains the adapter in dir again from its passport and compares the digests. Base and data must be those it was made on.
func Verify(ctx context.Context, dir string, base *text.Model, o finetune.Options) (adapter.Verification, error) {
	return Task().Verify(ctx, dir, base, o)
}
