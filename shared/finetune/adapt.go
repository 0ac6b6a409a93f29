package finetune

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
)

// Options say where an adapter goes and whom its training tells. The zero value trains in memory, silently.
type Options struct {
	Out      string    // adapter folder; empty: none is written
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

// Adapt trains an adapter on d by the recipe c, scores it, and writes its folder to o.Out. A stopped run stays in o.Run, to be resumed; a finished
// one leaves only its report in the adapter folder. The base is not changed.
func (t Task[M, C, E, P]) Adapt(ctx context.Context, base M, d Data[E], c C, o Options) (*adapter.Passport, error) {
	p, _, err := t.run(ctx, base, d, c, o)
	return p, err
}

// Train is Adapt without a folder: it returns the predictor, with the passport that its folder would have.
func (t Task[M, C, E, P]) Train(ctx context.Context, base M, d Data[E], c C, o Options) (*adapter.Passport, P, error) {
	o.Out, o.Run = "", ""
	return t.run(ctx, base, d, c, o)
}

func (t Task[M, C, E, P]) run(ctx context.Context, base M, d Data[E], c C, o Options) (_ *adapter.Passport, p P, err error) {
	if o.Run == "" && o.Out != "" {
		o.Run = filepath.Clean(o.Out) + ".run"
	}
	if o.Run != "" {
		if err := checkpoint.Recover(o.Run); err != nil {
			return nil, p, fmt.Errorf("finetune: %w", err)
		}
	}
	sources, err := t.Describe(ctx, &d)
	if err != nil {
		return nil, p, err
	}
	train, held, err := t.examples(d, c)
	if err != nil {
		return nil, p, err
	}
	o.recipe = identity{Task: t.Name, Recipe: c, Base: base.Fingerprint(), Data: sources}
	train, strange := t.inScope(train, c)
	if c, err = t.choose(ctx, base, train, c, o); err != nil {
		return nil, p, err
	}
	f, p, err := t.Fit(ctx, base, train, c, o.at("final"))
	if err != nil {
		return nil, p, err
	}
	if held, err = t.calibrate(ctx, base, p, split[E]{train: train, held: held, strange: strange, own: len(d.Eval) == 0}, c, o); err != nil {
		return nil, p, err
	}
	var scores adapter.Scores
	if len(held) > 0 && t.Calibrate != nil {
		if held, err = t.Calibrate(ctx, p, held, len(d.Eval) == 0, t.Tuning(&c).Calibration); err != nil {
			return nil, p, err
		}
	}
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
		// Whole or not at all, so that a crash leaves nothing that can't be resumed. A head fitted by logistic regression had no run.
		if err := checkpoint.DeleteIn(checkpoint.OS, o.Run); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, p, fmt.Errorf("finetune: %w", err)
		}
	}
	return pass, p, nil
}

// examples divides the data into what is trained on and what is held back.
func (t Task[M, C, E, P]) examples(d Data[E], c C) (train, held []E, err error) {
	if err := t.Validate(&c); err != nil {
		return nil, nil, err
	}
	if len(d.Train) == 0 {
		return nil, nil, fmt.Errorf("finetune: %s: %w: no examples to train on", t.Name, data.ErrEmpty)
	}
	f := t.Tuning(&c)
	train, held = d.Train, d.Eval
	if len(held) == 0 && f.Held > 0 {
		train, held = t.Split(train, f.Held, f.Seed)
	}
	if f.Shots == 0 {
		return train, held, nil
	}
	if t.Label == nil {
		return nil, nil, fmt.Errorf("%w: shots: %s has no classes to take %d examples of", ErrConfig, t.Name, f.Shots)
	}
	at, err := data.Shots(t.labels(train), f.Shots, f.Seed)
	return data.Pick(train, at), held, err
}

// choose runs the grid, if there is one, on a development split of the training examples.
func (t Task[M, C, E, P]) choose(ctx context.Context, base M, examples []E, c C, o Options) (C, error) {
	f := *t.Tuning(&c)
	if len(f.Grid) == 0 {
		return c, nil
	}
	train, dev := t.Split(examples, f.Dev, f.Seed+1)
	if len(train) == 0 || len(dev) == 0 {
		return c, fmt.Errorf("%w: grid: %d examples leave %d to train on and %d to choose by", ErrConfig, len(examples), len(train), len(dev))
	}
	f, err := Choose(f, func(i int, at Config) (float64, error) {
		_, p, err := t.Fit(ctx, base, train, t.with(c, at), o.at(fmt.Sprintf("trial-%d", i)))
		if err != nil {
			return 0, err
		}
		scores, err := t.score(ctx, p, dev)
		return scores.Values[t.Monitor], err
	})
	return t.with(c, f), err
}

// score calibrates a predictor on held-back examples and evaluates it on those that are left.
func (t Task[M, C, E, P]) score(ctx context.Context, p P, held []E) (adapter.Scores, error) {
	if t.Calibrate != nil {
		var err error
		if held, err = t.Calibrate(ctx, p, held, false, calibration.Settings{}); err != nil {
			return adapter.Scores{}, err
		}
	}
	return t.Score(ctx, p, held)
}

func (t Task[M, C, E, P]) passport(base M, fitted *Fitted[M], c C, s any) (*adapter.Passport, error) {
	recipe, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("finetune: recipe: %w", err)
	}
	settings, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("finetune: settings: %w", err)
	}
	f, stored := t.Tuning(&c), checkpoint.F32
	if f.Half {
		stored = checkpoint.F16
	}
	return &adapter.Passport{
		Task: t.Name, DType: stored.String(), Method: f.Method, Config: fitted.PEFT, Labels: fitted.Labels, Settings: settings,
		Base:   base.Identity(),
		Recipe: recipe, Seed: f.Seed, Steps: fitted.Result.Steps,
	}, nil
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
