// Package train tunes a base model to put texts into classes.
package train

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/finetune"
)

// A Config is the whole recipe of a classifier.
type Config struct {
	finetune.Config
	Pooling     string `json:"pooling"`                // mean, cls or max
	TextColumn  string `json:"text_column,omitempty"`  // column or key of the text; empty: text
	LabelColumn string `json:"label_column,omitempty"` // column or key of the label; empty: label
}

// Defaults returns the recipe used where the caller has no other.
func Defaults() Config { return Config{Config: finetune.Defaults(), Pooling: string(nn.PoolMean)} }

// ParseConfig reads a recipe over the defaults. Unknown keys are refused.
func ParseConfig(raw []byte) (Config, error) {
	c := Defaults()
	if err := strictjson.Decode(raw, &c, strictjson.Limits{}); err != nil {
		return Config{}, fmt.Errorf("%w: %w", finetune.ErrConfig, err)
	}
	return c, c.Validate()
}

// Data are labelled texts to train on and to evaluate on.
type Data = finetune.Data[data.Labelled]

// ReadData reads the training file and, unless its path is empty, the evaluation file, whose labels must occur in the training file.
func ReadData(trainPath, evalPath string, c Config) (Data, error) {
	o := data.LabelledOptions{Text: c.TextColumn, Label: c.LabelColumn}
	return finetune.ReadData(trainPath, evalPath, func(path string, train []data.Labelled) ([]data.Labelled, error) {
		if train != nil {
			o.Labels = labels(train)
		}
		return data.Collect(data.ReadLabelled(path, o))
	})
}

// labels lists the classes of examples, sorted.
func labels(examples []data.Labelled) []string {
	all := make([]string, len(examples))
	for i, e := range examples {
		all[i] = e.Label
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func pick(examples []data.Labelled, at []int) []data.Labelled {
	picked := make([]data.Labelled, len(at))
	for i, j := range at {
		picked[i] = examples[j]
	}
	return picked
}

func labelsOf(examples []data.Labelled) []string {
	all := make([]string, len(examples))
	for i, e := range examples {
		all[i] = e.Label
	}
	return all
}

// Split holds a seeded fraction of each class back.
func Split(examples []data.Labelled, fraction float64, seed uint64) (train, held []data.Labelled) {
	t, h := data.SplitStratified(labelsOf(examples), fraction, seed)
	return pick(examples, t), pick(examples, h)
}

// task describes the classifier to finetune.
func task(c Config) finetune.Task[data.Labelled, *classifier.Predictor] {
	return finetune.Task[data.Labelled, *classifier.Predictor]{
		Name: classifier.Task, TaskType: "SEQ_CLS", Monitor: "accuracy", Split: Split,
		Shots: func(examples []data.Labelled, k int, seed uint64) ([]data.Labelled, error) {
			at, err := data.Shots(labelsOf(examples), k, seed)
			return pick(examples, at), err
		},
		Fit: func(ctx context.Context, base *text.Model, examples []data.Labelled, f finetune.Config, o finetune.Options) (*finetune.Fitted, *classifier.Predictor, error) {
			return fit(ctx, base, examples, c.with(f), o)
		},
		Score:    classifier.Evaluate,
		Settings: func(p *classifier.Predictor) any { return p.Settings() },
		Recipe:   func(f finetune.Config) any { return c.with(f) },
	}
}

func (c Config) with(f finetune.Config) Config {
	c.Config = f
	return c
}

// fit trains a head, and the model under it unless the method is head.
func fit(ctx context.Context, base *text.Model, examples []data.Labelled, c Config, o finetune.Options) (*finetune.Fitted, *classifier.Predictor, error) {
	names := labels(examples)
	if len(names) < 2 {
		return nil, nil, fmt.Errorf("classifier: got the labels %q, want at least 2", names)
	}
	pooling, err := nn.ParsePooling(c.Pooling)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", finetune.ErrConfig, err)
	}
	length := base.Length(c.MaxLength)
	rows, targets := make([]text.Row, len(examples)), make([]int32, len(examples))
	for i, e := range examples {
		rows[i] = base.Row(e.Text, length)
		at, _ := slices.BinarySearch(names, e.Label)
		targets[i] = int32(at)
	}
	loss := classifier.NewHead(base.Width(), len(names))
	for _, p := range loss.Params() {
		p.Init(c.Seed)
	}
	head := finetune.Head{
		Layers: []nn.Sublayer{&nn.Pool{Pooling: pooling, D: base.Width()}, loss},
		Target: func(rows []int32) {
			loss.Labels = loss.Labels[:0]
			for _, r := range rows {
				loss.Labels = append(loss.Labels, targets[r])
			}
		},
	}
	f, err := finetune.Fit(ctx, base, head, rows, c.Config, o)
	if err != nil {
		return nil, nil, err
	}
	f.Labels = names
	p, err := classifier.New(f.Model, loss.Linear, names, classifier.Settings{MaxLength: length, Pooling: c.Pooling})
	return f, p, err
}

// Adapt trains a classifier on d, scores it, and writes its folder to o.Out.
func Adapt(ctx context.Context, base *text.Model, d Data, c Config, o finetune.Options) (*adapter.Passport, error) {
	return finetune.Adapt(ctx, task(c), base, d, c.Config, o)
}

// Train is Adapt without a folder: it returns the predictor, with the passport that it would have.
func Train(ctx context.Context, base *text.Model, d Data, c Config, o finetune.Options) (*adapter.Passport, *classifier.Predictor, error) {
	return finetune.Train(ctx, task(c), base, d, c.Config, o)
}

// Verify trains the adapter in dir again from its passport and compares the digests.
func Verify(ctx context.Context, dir string, base *text.Model, o finetune.Options) (adapter.Verification, error) {
	return finetune.Verify(dir, classifier.Task, base, func(p *adapter.Passport) (*adapter.Passport, error) {
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
