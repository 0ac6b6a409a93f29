package finetune

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/text"
)

// A Task is one kind of adapter, over examples of type E, whose predictor is a P.
type Task[E, P any] struct {
	Name     string // classify, qa, summarize
	TaskType string // PEFT's name for it
	Monitor  string // the score that the grid is chosen by, higher is better

	// Split divides examples by seed into those to train on and a held-back fraction.
	Split func(examples []E, fraction float64, seed uint64) (train, held []E)
	// Shots picks k examples of every class by seed; nil where there are no classes.
	Shots func(examples []E, k int, seed uint64) ([]E, error)
	// Fit trains on examples. It is a pure function of base, examples and c.
	Fit func(ctx context.Context, base *text.Model, examples []E, c Config, o Options) (*Fitted, P, error)
	// Score evaluates on held-back examples, and may set what the predictor learns from them, such as a threshold.
	Score func(ctx context.Context, p P, held []E) (adapter.Scores, error)
	// Settings is what the predictor needs besides its weights, as JSON.
	Settings func(p P) any
	// Recipe is the task's whole configuration with c in it.
	Recipe func(c Config) any
}

// Data are the examples of one adapter.
type Data[E any] struct {
	Train   []E
	Eval    []E              // empty: Config.Held of Train is held back
	Sources []adapter.Source // the files they come from; empty for examples from elsewhere, which can't be verified
}

// Options say where an adapter goes and whom its training tells. The zero value trains in memory, silently.
type Options struct {
	Out      string    // adapter folder
	Run      string    // folder of the runs while they last; empty: Out with ".run" added
	Resume   bool      // go on with what Run holds
	Log      io.Writer // progress; nil: nobody
	Terminal bool      // Log is a terminal
	NoScore  bool      // don't evaluate at the end

	recipe identity // what a run that is resumed must have been started with
}

// An identity is everything that decides an adapter's weights.
type identity struct {
	Task   string           `json:"task"`
	Recipe any              `json:"recipe"`
	Base   string           `json:"base"` // fingerprint
	Data   []adapter.Source `json:"data"`
}

// Adapt trains an adapter on d, scores it, and writes its folder to o.Out. A stopped run stays in o.Run, to be resumed; a finished one leaves only
// its report in the adapter folder.
func Adapt[E, P any](ctx context.Context, t Task[E, P], base *text.Model, d Data[E], c Config, o Options) (*adapter.Passport, error) {
	p, _, err := run(ctx, t, base, d, c, o)
	return p, err
}

// Train is Adapt without a folder: it returns the predictor.
func Train[E, P any](ctx context.Context, t Task[E, P], base *text.Model, d Data[E], c Config, o Options) (*adapter.Passport, P, error) {
	o.Out, o.Run = "", ""
	return run(ctx, t, base, d, c, o)
}

func run[E, P any](ctx context.Context, t Task[E, P], base *text.Model, d Data[E], c Config, o Options) (_ *adapter.Passport, p P, err error) {
	if o.Run == "" && o.Out != "" {
		o.Run = filepath.Clean(o.Out) + ".run"
	}
	if o.Run != "" {
		if err := checkpoint.Recover(o.Run); err != nil {
			return nil, p, fmt.Errorf("finetune: %w", err)
		}
	}
	sources, err := d.sources()
	if err != nil {
		return nil, p, err
	}
	train, held, err := t.examples(d, c)
	if err != nil {
		return nil, p, err
	}
	o.recipe = identity{Task: t.Name, Recipe: t.Recipe(c), Base: base.Fingerprint(), Data: sources}
	if c, err = t.choose(ctx, base, train, c, o); err != nil {
		return nil, p, err
	}
	f, p, err := t.Fit(ctx, base, train, c, o.at("final"))
	if err != nil {
		return nil, p, err
	}
	var scores adapter.Scores
	if len(held) > 0 && !o.NoScore {
		if scores, err = t.Score(ctx, p, held); err != nil {
			return nil, p, err
		}
	}
	pass, err := t.passport(base, f, c, t.Settings(p))
	if err != nil {
		return nil, p, err
	}
	pass.Data, pass.Metrics = sources, scores
	if pass, err = adapter.Save(o.Out, *pass, t.TaskType, f.Params, o.report()); err != nil {
		return nil, p, err
	}
	if o.Run != "" {
		if err := checkpoint.DeleteIn(checkpoint.OS, o.Run); err != nil { // whole or not at all, so that a crash leaves nothing that can't be resumed
			return nil, p, fmt.Errorf("finetune: %w", err)
		}
	}
	return pass, p, nil
}

// examples divides the data into what is trained on and what is held back.
func (t *Task[E, P]) examples(d Data[E], c Config) (train, held []E, err error) {
	if err := c.Validate(); err != nil {
		return nil, nil, err
	}
	if len(d.Train) == 0 {
		return nil, nil, fmt.Errorf("finetune: %s: %w: no examples to train on", t.Name, data.ErrEmpty)
	}
	train, held = d.Train, d.Eval
	if len(held) == 0 && c.Held > 0 {
		train, held = t.Split(train, c.Held, c.Seed)
	}
	if c.Shots == 0 {
		return train, held, nil
	}
	if t.Shots == nil {
		return nil, nil, fmt.Errorf("%w: shots: %s has no classes to take %d examples of", ErrConfig, t.Name, c.Shots)
	}
	train, err = t.Shots(train, c.Shots, c.Seed)
	return train, held, err
}

// report collects the curves of the final run for the adapter folder.
func (o Options) report() map[string][]byte {
	extra := map[string][]byte{}
	if o.Run == "" {
		return extra
	}
	for _, name := range []string{"report.html", "metrics.jsonl"} {
		if raw, err := os.ReadFile(filepath.Join(o.at("final").Run, name)); err == nil {
			extra[name] = raw
		}
	}
	return extra
}

// at gives the options of one of several fits.
func (o Options) at(name string) Options {
	if o.Run != "" {
		o.Run = filepath.Join(o.Run, name)
	}
	return o
}

// choose runs the grid, if there is one, on a development split of the training examples.
func (t *Task[E, P]) choose(ctx context.Context, base *text.Model, examples []E, c Config, o Options) (Config, error) {
	if len(c.Grid) == 0 {
		return c, nil
	}
	train, dev := t.Split(examples, c.Dev, c.Seed+1)
	if len(train) == 0 || len(dev) == 0 {
		return c, fmt.Errorf("%w: grid: %d examples leave %d to train on and %d to choose by", ErrConfig, len(examples), len(train), len(dev))
	}
	return Choose(c, func(i int, at Config) (float64, error) {
		_, p, err := t.Fit(ctx, base, train, at, o.at(fmt.Sprintf("trial-%d", i)))
		if err != nil {
			return 0, err
		}
		scores, err := t.Score(ctx, p, dev)
		return scores.Values[t.Monitor], err
	})
}

func (t *Task[E, P]) passport(base *text.Model, f *Fitted, c Config, s any) (*adapter.Passport, error) {
	recipe, err := json.Marshal(t.Recipe(c))
	if err != nil {
		return nil, fmt.Errorf("finetune: recipe: %w", err)
	}
	settings, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("finetune: settings: %w", err)
	}
	stored := checkpoint.F32
	if c.Half {
		stored = checkpoint.F16
	}
	return &adapter.Passport{
		Task: t.Name, DType: stored.String(), Method: c.Method, Labels: f.Labels, Settings: settings,
		Base:   adapter.Base{Name: base.Name, Fingerprint: base.Fingerprint(), Tokenizer: base.TokenizerSum()},
		Recipe: recipe, Seed: c.Seed, Steps: f.Result.Steps,
	}, nil
}

func (d *Data[E]) sources() ([]adapter.Source, error) {
	if len(d.Sources) > 0 {
		return d.Sources, nil
	}
	train, err := adapter.ValueSource("train", d.Train)
	if err != nil || len(d.Eval) == 0 {
		return []adapter.Source{train}, err
	}
	eval, err := adapter.ValueSource("eval", d.Eval)
	return []adapter.Source{train, eval}, err
}
