package finetune

import (
	"context"
	"fmt"
	"math"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/text"
)

// A Head is the end of the chain: it maps the encoder's output [B, T, D] to a loss [1].
type Head struct {
	Layers []nn.Sublayer
	// Target tells the head which rows the next batch holds, by their numbers, in order.
	Target func(rows []int32)
	// Regress fits the head to the vectors [N, D] of all rows, pooled by Pooling, in their order; nil: it can't be.
	Regress func(x []float32) error
	Pooling nn.Pooling
}

// Params returns the parameters of all layers.
func (h *Head) Params() []*nn.Param {
	var all []*nn.Param
	for _, l := range h.Layers {
		all = append(all, l.Params()...)
	}
	return all
}

// A Fitted is a trained adapter that hasn't been saved.
type Fitted struct {
	Model  *text.Model // what the head reads: the base itself (head) or a tuned copy
	Params []*nn.Param // what the adapter folder stores
	Labels []string    // where the task has some
	Result train.Result
}

// Fit trains head on rows by c, and the model under it unless the method is head. The base is not changed. With o.Run set the run can be stopped and
// resumed, as train.Run says.
func Fit(ctx context.Context, base *text.Model, head Head, rows []text.Row, c Config, o Options) (*Fitted, error) {
	if len(rows) == 0 {
		return nil, fmt.Errorf("finetune: no rows to train on")
	}
	f := &Fitted{}
	chain := make([]nn.Sublayer, 0, 32)
	var source func(b *batch)
	switch c.Method {
	case adapter.Head:
		f.Model, f.Params = base, head.Params()
		frozen := newFrozen(base)
		chain = append(chain, frozen)
		source = func(b *batch) { frozen.batch = b }
	case adapter.Full, adapter.Scratch:
		model, err := start(base, c)
		if err != nil {
			return nil, err
		}
		if c.Logistic > 0 {
			if err := regress(ctx, model, head, rows, c); err != nil {
				return nil, err
			}
		}
		if c.Probe.Epochs > 0 {
			if err := probe(ctx, model, head, rows, c); err != nil {
				return nil, err
			}
		}
		f.Model = model
		f.Params = append(model.Params(), head.Params()...)
		chain = append(append(chain, model.Embedding), model.Encoder.Sublayers()...)
		source = func(b *batch) { model.Embedding.IDs, model.Embedding.TypeIDs = b.ids, b.types }
	}
	task := newTask(f, head, rows, c)
	task.source, task.graph = source, graph.New(append(chain, head.Layers...)...)
	var err error
	f.Result, err = train.Run(ctx, c.loop(len(rows)), task, train.Options{
		Dir: o.Run, Resume: o.Resume, Recipe: recipe{c, o.recipe}, Title: "Adapter: " + o.recipe.Task, Log: o.Log, Terminal: o.Terminal,
	})
	if err != nil || !c.Half {
		return f, err
	}
	for _, p := range f.Params { // what is scored is what is stored
		if err := checkpoint.RoundF16(p.Value); err != nil {
			return nil, fmt.Errorf("finetune: %s: %w", p.Name, err)
		}
	}
	return f, nil
}

// probe fits the head alone to what the model gives before it is tuned, so that a random head doesn't spoil it (LP-FT, Kumar et al., 2022). It is done anew
// by a run that is resumed.
func probe(ctx context.Context, model *text.Model, head Head, rows []text.Row, c Config) error {
	c.Method, c.LR, c.Epochs, c.Steps = adapter.Head, c.Probe.LR, c.Probe.Epochs, 0
	frozen := newFrozen(model)
	task := newTask(&Fitted{Model: model, Params: head.Params()}, head, rows, c)
	task.source, task.graph = func(b *batch) { frozen.batch = b }, graph.New(append([]nn.Sublayer{frozen}, head.Layers...)...)
	if _, err := train.Run(ctx, c.loop(len(rows)), task, train.Options{}); err != nil {
		return fmt.Errorf("finetune: probe: %w", err)
	}
	return nil
}

// A recipe is what the run folder keeps: the fit's own configuration, which a grid changes, and what it is a part of.
type recipe struct {
	Config Config   `json:"config"`
	Of     identity `json:"of"`
}

// start gives the model that full tuning starts from.
func start(base *text.Model, c Config) (*text.Model, error) {
	if c.Method == adapter.Scratch {
		m, err := text.New(base.Config, base.Tokenizer, c.Seed)
		if err != nil {
			return nil, err
		}
		m.Name = base.Name
		return m, nil
	}
	return base.Clone()
}

// loop is the configuration of the training loop for n rows.
func (c *Config) loop(n int) train.Config {
	t := train.DefaultConfig()
	t.Steps = c.steps(n)
	t.Warmup = int(math.Round(c.Warmup * float64(t.Steps)))
	t.Schedule, t.LR, t.MinLR = "linear", c.LR, 0
	t.WeightDecay, t.ClipNorm, t.Seed = c.WeightDecay, c.ClipNorm, c.Seed
	t.Keep, t.SaveEvery = 1, max(200, t.Steps/10)
	return t
}
