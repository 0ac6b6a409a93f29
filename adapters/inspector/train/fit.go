package train

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/vision"
)

// A fitted is a trained detector that hasn't been saved.
type fitted struct {
	detector *inspector.Detector
	tuned    []*nn.Param // of the encoder, as the folder stores it
	head     []*nn.Param
	few      peft.Config // of the change among tuned; none: all of it, or nothing
	result   train.Result
}

// fit trains a detector of kinds on pictures, in the run folder run, empty for none.
func fit(ctx context.Context, base *vision.Model, pictures []marked, kinds []string, c Config, o Options, run string, r recipe) (*fitted, error) {
	m, few, err := start(base, &c)
	if err != nil {
		return nil, fmt.Errorf("inspector: train: %w", err)
	}
	if run != "" {
		if err := checkpoint.Recover(run); err != nil {
			return nil, fmt.Errorf("inspector: train: %w", err)
		}
	}
	t := newTask(m, few, len(kinds), &c, pictures)
	if t.opposite, err = c.opposites(kinds); err != nil {
		return nil, err
	}
	f := &fitted{head: t.loss.Params()}
	f.result, err = train.Run(ctx, c.Train, t, train.Options{
		Dir: run, Resume: o.Resume, Recipe: r, Title: "Adapter: " + inspector.Task, Log: o.Log, Terminal: o.Terminal,
	})
	if err != nil {
		return nil, err
	}
	switch {
	case few != nil:
		f.few, f.tuned = few.Config, slices.Clone(few.Stored())
		peft.Merge(m.Backbone())
	case c.Method != adapter.Head:
		f.tuned = m.Params()
	}
	f.detector, err = inspector.NewDetector(m, t.loss.head, kinds, c.Detector)
	return f, err
}

// start gives the model that training starts from, with the change of a method of package peft, nil for none.
func start(base *vision.Model, c *Config) (*vision.Model, *peft.Change, error) {
	switch c.Method {
	case adapter.Head:
		return base, nil, nil
	case adapter.Full:
		m, err := base.Clone()
		return m, nil, err
	case adapter.Scratch:
		m, err := base.Fresh(c.Train.Seed)
		return m, nil, err
	}
	m, err := base.Clone()
	if err != nil {
		return nil, nil, err
	}
	for _, p := range m.Params() {
		p.Frozen = true
	}
	method := c.Config
	if method == (peft.Config{}) {
		method, _ = peft.Default(c.Method)
	}
	few, err := peft.Attach(m.Backbone(), method, c.Train.Seed)
	return m, few, err
}
