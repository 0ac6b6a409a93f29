package finetune

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/shared/train"
)

// A Head is the end of the chain: it maps the encoder's output [B, T, D], or where it has a pooling the pooled vectors [B, D], to a loss [1].
type Head struct {
	Pooling nn.Pooling // "": the layers read every token
	Layers  []nn.Sublayer
	// Target tells the head which rows the next batch holds, by their numbers, in order.
	Target func(rows []int32)
	// Regress fits the head to the pooled vectors [N, D] of all rows, in their order, or to twice as many, the rows again in their order; nil: it can't be.
	Regress func(x []float32) error
	// Classes [N] are the rows' classes, where they have some.
	Classes []int32
	// Closed says that Regress fits the head whatever Config.Logistic is: before the whole model is tuned, and with method head that is all.
	Closed bool
	// Stored are the parameters that Regress sets, where they aren't those of the layers.
	Stored []*nn.Param
}

// Params returns the parameters that Regress sets where it has its own, else those of all layers.
func (h *Head) Params() []*nn.Param {
	if h.Stored != nil {
		return h.Stored
	}
	var all []*nn.Param
	for _, l := range h.Layers {
		all = append(all, l.Params()...)
	}
	return all
}

// A Fitted is a trained adapter that hasn't been saved.
type Fitted[M any] struct {
	Model  M           // what the head reads: the base itself (head) or a tuned copy, changes merged where they can be
	Params []*nn.Param // what the adapter folder stores
	PEFT   peft.Config // of the change among Params, its targets by name; none: the model whole, or the head alone
	Labels []string    // where the task has some
	Result train.Result
}

// Fit trains head on rows by c, and the model under it, whole or in part, unless the method is head. The base is not changed. With o.Run set the run can be stopped and
// resumed, as train.Run says.
func Fit[M Base[M], B any](ctx context.Context, base M, head Head, rows Rows[M, B], c Config, o Options) (*Fitted[M], error) {
	n := len(rows.Lengths())
	if n == 0 {
		return nil, fmt.Errorf("finetune: no rows to train on")
	}
	f := &Fitted[M]{Model: base, Params: head.Params()}
	if c.Method == adapter.Head && (c.Logistic > 0 || head.Closed) {
		if err := regress(ctx, base, &head, rows, c, false); err != nil {
			return nil, err
		}
		return f, f.round(c)
	}
	var from source[B]
	var few *peft.Change
	var err error
	end := head // of the chain that is trained
	if c.Contrastive > 0 {
		if end, err = contrast(&head, base.Width(), c); err != nil {
			return nil, err
		}
	}
	params := end.Params()
	switch c.Method {
	case adapter.Head:
		from, err = still(ctx, base, &head, rows, c)
	case adapter.Full, adapter.Scratch:
		if f.Model, err = start(ctx, base, &head, rows, c); err == nil {
			layerRates(f.Model, c.LayerDecay)
			f.Params, params = append(f.Model.Params(), f.Params...), append(f.Model.Params(), params...)
			from = tuned(f.Model, &end, rows)
		}
	default:
		if f.Model, err = start(ctx, base, &head, rows, c); err == nil {
			few, err = change(f.Model, c)
		}
		if err == nil {
			f.PEFT, f.Params, params = few.Config, append(slices.Clone(few.Params()), f.Params...), append(slices.Clone(few.Params()), params...)
			from = tuned(f.Model, &end, rows)
		}
	}
	if err != nil {
		return nil, err
	}
	f.Result, err = train.Run(ctx, c.loop(n), newTask(params, from, &end, rows.Lengths(), c), train.Options{
		Dir: o.Run, Resume: o.Resume, Recipe: recipe{c, o.recipe}, Title: "Adapter: " + o.recipe.Task, Log: o.Log, Terminal: o.Terminal,
	})
	if err != nil {
		return f, err
	}
	if err := f.round(c); err != nil {
		return nil, err
	}
	if few != nil {
		f.Params = append(slices.Clone(few.Stored()), head.Params()...)
		peft.Merge(f.Model.Backbone())
	}
	if c.Contrastive > 0 {
		if err := regress(ctx, f.Model, &head, rows, c, false); err != nil {
			return nil, err
		}
		return f, f.round(c)
	}
	return f, nil
}

// round makes what is scored what is stored.
func (f *Fitted[M]) round(c Config) error {
	if !c.Half {
		return nil
	}
	for _, p := range f.Params {
		if err := checkpoint.RoundF16(p.Value); err != nil {
			return fmt.Errorf("finetune: %s: %w", p.Name, err)
		}
	}
	return nil
}

// change puts a method of package peft on the model, which is frozen.
func change[M Base[M]](m M, c Config) (*peft.Change, error) {
	for _, p := range m.Params() {
		p.Frozen = true
	}
	method := c.Config
	if method == (peft.Config{}) {
		method, _ = peft.Default(c.Method)
	}
	few, err := peft.Attach(m.Backbone(), method, c.Seed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return few, nil
}

// layerRates gives every parameter below the head a lower rate the deeper it lies (Clark et al., "ELECTRA", 2020, as in BEiT, Bao et al., 2022): block i of L
// learns at decay^(L-i) of the head's rate, the embedding at decay^(L+1), the norm behind the blocks at the head's own.
func layerRates[M Base[M]](m M, decay float64) {
	if decay == 0 {
		return
	}
	set := func(params []*nn.Param, rate float64) {
		for _, p := range params {
			p.Rate = float32(rate)
		}
	}
	rate, blocks := decay, m.Backbone().Blocks
	rates := make([]float64, len(blocks))
	for i := range slices.Backward(blocks) {
		rates[i] = rate
		rate = float64(rate * decay)
	}
	set(m.Params(), rate)
	for i := range blocks {
		set(slices.Concat(blocks[i].Attend.Params(), blocks[i].Feed.Params()), rates[i])
	}
	if final := m.Backbone().Final; final != nil {
		set(final.Params(), 0)
	}
}

// start gives the model that tuning starts from, and fits the head to it where the recipe wants that. It is done anew by a run that is resumed.
func start[M Base[M], B any](ctx context.Context, base M, head *Head, rows Rows[M, B], c Config) (m M, err error) {
	if c.Method == adapter.Scratch {
		m, err = base.Fresh(c.Seed)
	} else {
		m, err = base.Clone()
	}
	if err == nil && (c.Logistic > 0 || head.Closed) && c.Contrastive == 0 {
		err = regress(ctx, m, head, rows, c, rows.Varied())
	}
	if err == nil && c.Probe.Epochs > 0 {
		err = probe(ctx, m, head, rows, c)
	}
	return m, err
}

// regress fits the head at once to the vectors that the model gives: of the rows as they are and, before a tuning that varies them,
// varied once. A head that hasn't seen any such is sure of the wrong class of many, and tuning begins by undoing that.
func regress[M Base[M], B any](ctx context.Context, m M, head *Head, rows Rows[M, B], c Config, varied bool) error {
	if head.Regress == nil {
		return fmt.Errorf("%w: logistic: the task's head has no classes of whole texts or pictures", ErrConfig)
	}
	x, err := vectors(ctx, m, head.Pooling, rows, c.Batch, nil)
	if err == nil && varied {
		key := random.Key(c.Seed, "finetune.regress")
		var more []float32
		more, err = vectors(ctx, m, head.Pooling, rows, c.Batch, &key)
		x = append(x, more...)
	}
	if err == nil {
		err = head.Regress(x)
	}
	if err != nil {
		return fmt.Errorf("finetune: logistic: %w", err)
	}
	return nil
}

// probe fits the head alone to what the model gives before it is tuned, so that a random head doesn't spoil it (LP-FT, Kumar et al., 2022).
func probe[M Base[M], B any](ctx context.Context, m M, head *Head, rows Rows[M, B], c Config) error {
	c.Method, c.LR, c.Epochs, c.Steps = adapter.Head, c.Probe.LR, c.Probe.Epochs, 0
	from, err := still(ctx, m, head, rows, c)
	if err == nil {
		lengths := rows.Lengths()
		_, err = train.Run(ctx, c.loop(len(lengths)), newTask(head.Params(), from, head, lengths, c), train.Options{})
	}
	if err != nil {
		return fmt.Errorf("finetune: probe: %w", err)
	}
	return nil
}

// A recipe is what the run folder keeps: the fit's own configuration, which a grid changes, and what it is a part of.
type recipe struct {
	Config Config   `json:"config"`
	Of     identity `json:"of"`
}

// loop is the configuration of the training loop for n rows.
func (c *Config) loop(n int) train.Config {
	t := train.DefaultConfig()
	t.Steps = c.steps(n)
	t.Warmup = int(math.Round(c.Warmup * float64(t.Steps)))
	t.Schedule, t.LR, t.MinLR = "linear", c.LR, 0
	t.WeightDecay, t.ClipNorm, t.Seed = c.WeightDecay, c.ClipNorm, c.Seed
	t.Optimizer = c.Optimizer
	t.Keep, t.SaveEvery = 1, max(200, t.Steps/10)
	return t
}
