package main

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text"
)

// fillTop is how many tokens a mask gets, as in Hugging Face's pipeline.
const fillTop = 5

// loadWithHead reads a checkpoint and its own head.
func loadWithHead(ctx context.Context, c *console, name string) (*text.Model, *text.Head, error) {
	b, err := findBase(ctx, c, name)
	if err != nil {
		return nil, nil, err
	}
	m, err := b.load()
	if err != nil {
		return nil, nil, err
	}
	h, err := text.LoadHeadFS(b.fsys, m)
	if err != nil {
		return nil, nil, fmt.Errorf("%w (in %s)", err, b.name)
	}
	return m, h, nil
}

// loadHead gives the predictions of a checkpoint's own head.
func loadHead(ctx context.Context, c *console, base string) (func(ctx context.Context, line []byte) (any, error), error) {
	m, h, err := loadWithHead(ctx, c, base)
	if err != nil {
		return nil, err
	}
	switch h.Task {
	case text.TaskFillMask:
		p, err := text.NewFillMask(m, h)
		return predictFill(p), err
	case text.TaskTokenClassify:
		p, err := text.NewTokenClassifier(m, h)
		return predictEntities(p), err
	case text.TaskTextClassification:
		p, err := classifier.FromHead(m, h)
		return p.PredictJSON, err
	case text.TaskQuestionAnswering:
		p, err := qa.FromHead(m, h)
		return p.PredictJSON, err
	}
	return nil, usagef("--base: the head is one for %s, which nothing here predicts with", h.Task)
}

// A textLine is a line of input of the tasks that read one text.
type textLine struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// parse reads a line, which must have a text.
func (l *textLine) parse(line []byte) error {
	if err := adapter.ParseLine(line, l); err != nil {
		return err
	}
	if l.Text == "" {
		return adapter.Missing("text")
	}
	return nil
}

func predictFill(p *text.FillMask) func(context.Context, []byte) (any, error) {
	return func(ctx context.Context, line []byte) (any, error) {
		var in textLine
		if err := in.parse(line); err != nil {
			return nil, err
		}
		fills, err := p.Predict(ctx, []string{in.Text}, fillTop)
		if err != nil {
			return nil, err
		}
		if len(fills[0]) == 1 { // as the pipeline does: one mask, one list
			return withID(in.ID, fills[0][0]), nil
		}
		return withID(in.ID, fills[0]), nil
	}
}

func predictEntities(p *text.TokenClassifier) func(context.Context, []byte) (any, error) {
	return func(ctx context.Context, line []byte) (any, error) {
		var in textLine
		if err := in.parse(line); err != nil {
			return nil, err
		}
		all, err := p.Predict(ctx, []string{in.Text})
		if err != nil {
			return nil, fmt.Errorf("predict: %w", err)
		}
		return withID(in.ID, all[0]), nil
	}
}

// withID is an answer that is a list, or an object of the line's id and that list where it has one.
func withID(id string, list any) any {
	if id == "" {
		return list
	}
	return struct {
		ID      string `json:"id"`
		Answers any    `json:"answers"`
	}{id, list}
}
