package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/adapters/classifier"
	classifytrain "github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/finetune"
)

// classifyTask puts texts into classes.
func classifyTask() task {
	return task{
		name: classifier.Task, short: "Put texts into classes (CSV or JSONL of text and label)",
		adapt: adaptClassifier, verify: classifytrain.Verify,
		load: func(dir string, base *text.Model) (loaded, error) {
			p, err := classifier.Load(dir, base)
			return loaded{eval: evalClassifier(p), predict: predictClass(p), export: p.Export}, err
		},
	}
}

func adaptClassifier(ctx context.Context, base *text.Model, f *adaptFlags, o finetune.Options) (*adapter.Passport, error) {
	c := classifytrain.Defaults()
	if f.recipe != nil {
		var err error
		if c, err = classifytrain.ParseConfig(f.recipe); err != nil {
			return nil, err
		}
	}
	if err := f.apply(&c.Config); err != nil {
		return nil, err
	}
	if f.pooling != "" {
		c.Pooling = f.pooling
	}
	if f.columns.Text != "" {
		c.TextColumn = f.columns.Text
	}
	if f.columns.Label != "" {
		c.LabelColumn = f.columns.Label
	}
	d, err := classifytrain.ReadData(f.data, f.eval, c)
	if err != nil {
		return nil, badData(err)
	}
	first := d.Train[0].Label
	if !slices.ContainsFunc(d.Train, func(r data.Labelled) bool { return r.Label != first }) {
		return nil, inputError{fmt.Errorf("%s: every label is %q, want at least 2", f.data, first)}
	}
	return classifytrain.Adapt(ctx, base, d, c, o)
}

func evalClassifier(p *classifier.Predictor) func(context.Context, string, data.LabelledOptions) (adapter.Scores, error) {
	return func(ctx context.Context, file string, o data.LabelledOptions) (adapter.Scores, error) {
		o.Labels = p.Labels()
		rows, err := data.Collect(data.ReadLabelled(file, o))
		if err != nil {
			return adapter.Scores{}, badData(err)
		}
		return classifier.Evaluate(ctx, p, rows)
	}
}

func predictClass(p *classifier.Predictor) func(context.Context, []byte) (any, error) {
	return func(ctx context.Context, line []byte) (any, error) {
		var in struct {
			ID   string `json:"id"`
			Text string `json:"text"`
		}
		if err := parseLine(line, &in, map[string]*string{"text": &in.Text}); err != nil {
			return nil, err
		}
		scores, err := p.Predict(ctx, []string{in.Text})
		if err != nil {
			return nil, err
		}
		return struct {
			ID string `json:"id,omitempty"`
			classifier.Score
		}{in.ID, scores[0][0]}, nil
	}
}
