// Package train tunes a base model to answer questions from a context.
//
// Adapt trains an adapter folder that qa.Load reads; Train does it in memory; Verify repeats it from the folder's passport.
package train

import (
	"context"

	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text"
)

// A Config is the whole recipe of a question-answering adapter.
type Config struct {
	finetune.Config
	MaxQuestion int  `json:"max_question"` // most tokens of a question
	Stride      int  `json:"stride"`       // context tokens that neighbouring windows share; 0: a third of what the question leaves
	MaxAnswer   int  `json:"max_answer"`   // most tokens of an answer
	NBest       int  `json:"n_best"`       // answers considered
	Unanswered  bool `json:"unanswered"`   // train on windows without the answer too, so that the model learns to say so
}

// Defaults returns the recipe used where the caller has no other.
func Defaults() Config {
	c := Config{Config: finetune.Defaults(), MaxQuestion: 40, MaxAnswer: 30, NBest: 20, Unanswered: true}
	c.Batch, c.LR, c.Calibration = 16, 3e-4, calibration.Default()
	return c
}

// Data are questions to train on and to evaluate on.
type Data = finetune.Data[data.Question]

// Task describes question answering to finetune.
func Task() finetune.Task[*text.Model, Config, data.Question, *qa.Predictor] {
	return finetune.Task[*text.Model, Config, data.Question, *qa.Predictor]{
		Name: qa.Task, TaskType: "QUESTION_ANS", Monitor: "f1",
		About: "Answer questions from a context (SQuAD JSON)", Input: `{"question", "context" or "contexts"}`, Output: `{"score", "start", "end", "answer"} and, calibrated, {"verdict", "confidence", "why"}`,
		Defaults: Defaults,
		Tuning:   func(c *Config) *finetune.Config { return &c.Config },
		Validate: (*Config).Validate,
		Read: func(path string, _ []string, _ Config) ([]data.Question, error) {
			return data.Collect(data.ReadSQuAD(path))
		},
		Split:     split,
		Fit:       fit,
		Calibrate: calibrate,
		Score: func(ctx context.Context, p *qa.Predictor, questions []data.Question) (adapter.Scores, error) {
			s, _, err := qa.Evaluate(ctx, p, questions)
			return s, err
		},
		Settings: func(p *qa.Predictor) any { return p.Settings() },
		Load:     qa.Load,
	}
}

// split holds back whole articles, so that no paragraph is on both sides; whole paragraphs where there is one article.
func split(questions []data.Question, fraction float64, seed uint64) (train, held []data.Question) {
	groups, titles := make([]string, len(questions)), map[string]bool{}
	for i, q := range questions {
		groups[i] = q.Title
		titles[q.Title] = true
	}
	if len(titles) < 2 {
		for i, q := range questions {
			groups[i] = q.Context
		}
	}
	t, h := data.SplitGroups(groups, fraction, seed)
	return data.Pick(questions, t), data.Pick(questions, h)
}

// calibrate chooses the threshold for no answer on one half of the held-back articles and leaves the other half to score on; where every question
// has an answer it leaves all of them.
func calibrate(ctx context.Context, p *qa.Predictor, held []data.Question, _ bool, s calibration.Settings) (rest []data.Question, err error) {
	if !p.Settings().NoAnswer {
		return held, nil
	}
	choose, rest := split(held, 0.5, thresholdSeed)
	if len(rest) == 0 {
		rest = held
	}
	return rest, qa.Calibrate(ctx, p, choose, s != (calibration.Settings{}))
}

const thresholdSeed = 1

// ReadData reads the training file and, unless its path is empty, the evaluation file, in SQuAD's form.
func ReadData(trainPath, evalPath string, c Config) (Data, error) {
	return Task().ReadData(trainPath, evalPath, c)
}

// Adapt trains an adapter on d by the recipe c, scores it, and writes its folder to o.Out.
func Adapt(ctx context.Context, base *text.Model, d Data, c Config, o finetune.Options) (*adapter.Passport, error) {
	return Task().Adapt(ctx, base, d, c, o)
}

// Train is Adapt without a folder: it returns the predictor, with the passport that its folder would have.
func Train(ctx context.Context, base *text.Model, d Data, c Config, o finetune.Options) (*adapter.Passport, *qa.Predictor, error) {
	return Task().Train(ctx, base, d, c, o)
}

// Verify trains the adapter in dir again from its passport and compares the digests. Base and data must be those it was made on.
func Verify(ctx context.Context, dir string, base *text.Model, o finetune.Options) (adapter.Verification, error) {
	return Task().Verify(ctx, dir, base, o)
}
