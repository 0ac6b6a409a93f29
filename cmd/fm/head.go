package main

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/pictures"
	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/vision"
)

// fillTop is how many tokens a mask gets, as in Hugging Face's pipeline.
const fillTop = 5

// loadWithHead reads a checkpoint and its own head.
func loadWithHead(b *base) (*text.Model, *text.Head, error) {
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

// loadHead gives the predictions of a checkpoint's own head; those for tokens put together to entities where entities is set.
func loadHead(ctx context.Context, c *console, name string, entities bool) (func(ctx context.Context, line []byte) (any, error), error) {
	b, err := findBase(ctx, c, name)
	if err != nil {
		return nil, err
	}
	if b.vision() {
		return loadVisionHead(b)
	}
	m, h, err := loadWithHead(b)
	if err != nil {
		return nil, err
	}
	if entities {
		p, err := tagger.FromHead(m, h)
		if err != nil {
			return nil, usageError{err}
		}
		return p.PredictJSON, nil
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

// loadVisionHead is loadHead of a checkpoint that reads pictures.
func loadVisionHead(b *base) (func(ctx context.Context, line []byte) (any, error), error) {
	m, err := b.loadVision()
	if err != nil {
		return nil, err
	}
	h, err := vision.LoadHeadFS(b.fsys, m)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, b.name)
	}
	p, err := pictures.FromHead(m, h)
	return p.PredictJSON, err
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
			return adapter.WithID(in.ID, fills[0][0]), nil
		}
		return adapter.WithID(in.ID, fills[0]), nil
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
		return adapter.WithID(in.ID, all[0]), nil
	}
}
