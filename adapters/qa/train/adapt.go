// Package train tunes a base model to answer questions from a context.
package train

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/finetune"
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
	c.Batch, c.LR = 16, 3e-4
	return c
}

// ParseConfig reads a recipe over the defaults. Unknown keys are refused.
func ParseConfig(raw []byte) (Config, error) {
	c := Defaults()
	if err := strictjson.Decode(raw, &c, strictjson.Limits{}); err != nil {
		return Config{}, fmt.Errorf("%w: %w", finetune.ErrConfig, err)
	}
	return c, c.Validate()
}

// settings fits the configuration to the model.
func (c *Config) settings(base *text.Model, noAnswer bool) (qa.Settings, error) {
	s := qa.Settings{
		MaxLength: base.Length(c.MaxLength), Stride: c.Stride,
		MaxAnswer: c.MaxAnswer, NBest: c.NBest, NoAnswer: noAnswer,
	}
	s.MaxQuestion = min(c.MaxQuestion, s.MaxLength/2)
	s.MaxAnswer = min(s.MaxAnswer, s.MaxLength)
	if s.Stride == 0 {
		s.Stride = (s.MaxLength - s.MaxQuestion - 3) / 3
	}
	if err := s.Validate(base.Length(0)); err != nil {
		return s, fmt.Errorf("%w: %w", finetune.ErrConfig, err)
	}
	return s, nil
}

// Data are questions to train on and to evaluate on.
type Data = finetune.Data[data.Question]

// ReadData reads the training file and, unless its path is empty, the evaluation file, in SQuAD's form.
func ReadData(trainPath, evalPath string, _ Config) (Data, error) {
	return finetune.ReadData(trainPath, evalPath, func(path string, _ []data.Question) ([]data.Question, error) {
		return data.Collect(data.ReadSQuAD(path))
	})
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
	for _, i := range t {
		train = append(train, questions[i])
	}
	for _, i := range h {
		held = append(held, questions[i])
	}
	return train, held
}

// task describes question answering to finetune.
func task(c Config) finetune.Task[data.Question, *qa.Predictor] {
	return finetune.Task[data.Question, *qa.Predictor]{
		Name: qa.Task, TaskType: "QUESTION_ANS", Monitor: "f1", Split: split,
		Fit: func(ctx context.Context, base *text.Model, questions []data.Question, f finetune.Config, o finetune.Options) (*finetune.Fitted, *qa.Predictor, error) {
			return fit(ctx, base, questions, c.with(f), o)
		},
		Score:    score,
		Settings: func(p *qa.Predictor) any { return p.Settings() },
		Recipe:   func(f finetune.Config) any { return c.with(f) },
	}
}

func (c Config) with(f finetune.Config) Config {
	c.Config = f
	return c
}

// score evaluates. The threshold for no answer is chosen on one half of the held-back articles and the scores are those of the other
// half; where every question has an answer all of them are scored.
func score(ctx context.Context, p *qa.Predictor, held []data.Question) (adapter.Scores, error) {
	if p.Settings().NoAnswer {
		choose, rest := split(held, 0.5, thresholdSeed)
		if err := qa.Calibrate(ctx, p, choose); err != nil {
			return adapter.Scores{}, err
		}
		if len(rest) > 0 {
			held = rest
		}
	}
	s, _, err := qa.Evaluate(ctx, p, held)
	return s, err
}

const thresholdSeed = 1

// fit trains the span head, and the model under it unless the method is head.
func fit(ctx context.Context, base *text.Model, questions []data.Question, c Config, o finetune.Options) (*finetune.Fitted, *qa.Predictor, error) {
	noAnswer := false
	for _, q := range questions {
		noAnswer = noAnswer || q.Impossible
	}
	s, err := c.settings(base, noAnswer)
	if err != nil {
		return nil, nil, err
	}
	windows, err := windows(base, questions, s, c.Unanswered)
	if err != nil {
		return nil, nil, err
	}
	rows := make([]text.Row, len(windows))
	for i, w := range windows {
		rows[i] = text.Row{IDs: w.IDs, Types: w.Types}
	}
	loss := qa.NewSpanLoss(base.Width(), c.Seed)
	head := finetune.Head{
		Layers: []nn.Sublayer{loss},
		Target: func(rows []int32) {
			loss.Starts, loss.Ends = loss.Starts[:0], loss.Ends[:0]
			for _, r := range rows {
				loss.Starts = append(loss.Starts, int32(windows[r].Start))
				loss.Ends = append(loss.Ends, int32(windows[r].End))
			}
		},
	}
	f, err := finetune.Fit(ctx, base, head, rows, c.Config, o)
	if err != nil {
		return nil, nil, err
	}
	p, err := qa.New(f.Model, loss.Outputs, s)
	return f, p, err
}

// windows lays out every question, with its first answer marked. A window without the answer asks for position 0.
func windows(base *text.Model, questions []data.Question, s qa.Settings, unanswered bool) ([]qa.Window, error) {
	var all []qa.Window
	contexts := map[string]*qa.Context{}
	for _, q := range questions {
		c := contexts[q.Context]
		if c == nil {
			var err error
			if c, err = qa.NewContext(base, q.Context); err != nil {
				return nil, err
			}
			contexts[q.Context] = c
		}
		ws, err := qa.Windows(base, q.Text, c, s)
		if err != nil {
			return nil, err
		}
		for _, w := range ws {
			if len(q.Answers) > 0 {
				c.Mark(&w, q.Answers[0].Start, q.Answers[0].End)
			}
			if w.HoldsAnswer || unanswered {
				all = append(all, w)
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("qa: %w: no window of %d questions to train on", data.ErrEmpty, len(questions))
	}
	return all, nil
}

// Adapt trains an adapter on d, scores it, and writes its folder to o.Out.
func Adapt(ctx context.Context, base *text.Model, d Data, c Config, o finetune.Options) (*adapter.Passport, error) {
	return finetune.Adapt(ctx, task(c), base, d, c.Config, o)
}

// Train is Adapt without a folder: it returns the predictor, with the passport that it would have.
func Train(ctx context.Context, base *text.Model, d Data, c Config, o finetune.Options) (*adapter.Passport, *qa.Predictor, error) {
	return finetune.Train(ctx, task(c), base, d, c.Config, o)
}

// Verify trains the adapter in dir again from its passport and compares the digests.
func Verify(ctx context.Context, dir string, base *text.Model, o finetune.Options) (adapter.Verification, error) {
	return finetune.Verify(dir, qa.Task, base, func(p *adapter.Passport) (*adapter.Passport, error) {
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
