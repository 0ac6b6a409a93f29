package pretrain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/train"
)

// Options say what a run reads, where it goes and whom it tells.
type Options struct {
	Data     []string            // folders of episodes
	Sources  []trajectory.Source // episodes that come from the program itself, after those of Data: such a run can't be verified
	Out      string              // run folder, which becomes the model folder
	Resume   bool                // go on with what Out holds
	Force    bool                // resume even though the recipe has changed
	Minutes  float64             // measure the rate first, and set the steps to what fits; 0: Config.Train.Steps
	Log      io.Writer           // progress; nil: nobody
	Terminal bool                // Log is a terminal
	Now      func() time.Time    // clock; nil: time.Now
}

// A Result is what a run came to.
type Result struct {
	Steps            int     `json:"steps"`
	Loss             float64 `json:"loss"`
	EvalLoss         float64 `json:"eval_loss"`
	EvalAccuracy     float64 `json:"eval_accuracy"` // of discrete actions that were hidden or came next; 0 where there are none
	PerSecond        float64 `json:"per_second"`    // steps
	WindowsPerSecond float64 `json:"windows_per_second"`
	Seconds          float64 `json:"seconds"`
	Digest           string  `json:"digest"` // of all weights, as they are stored

	Eval map[string]float64 `json:"eval"` // the loss and the accuracy of each question
}

// A recipe is everything that decides the weights; the run's recipe.json holds it beside the loop's own settings.
type recipe struct {
	Task     string   `json:"task"`
	Config   Config   `json:"config"`
	Data     []string `json:"data"` // as given
	Episodes int      `json:"episodes"`
	Steps    int64    `json:"steps"`  // in them
	Source   string   `json:"source"` // SHA-256 of the episodes
}

// taskName marks the recipes of this package.
const taskName = "pretrain rl"

// Run pretrains a model. It returns train.ErrStopped when ctx ended, with the state saved in o.Out, to be resumed; and what
// reading the data or train.Run returns.
func Run(ctx context.Context, c Config, o Options) (Result, error) {
	if err := c.Validate(); err != nil {
		return Result{}, err
	}
	if o.Out == "" {
		return Result{}, fmt.Errorf("%w: no folder to write to", ErrConfig)
	}
	return run(ctx, c, o, nil)
}

// run is Run with a check of the recipe before anything is trained.
func run(ctx context.Context, c Config, o Options, check func(recipe) error) (res Result, err error) {
	if o.Out != "" {
		if err := train.Vacant(o.Out, o.Resume, "config.json", "model.safetensors", "README.md"); err != nil {
			return Result{}, err
		}
	}
	var sources []trajectory.Source
	for _, dir := range o.Data {
		s, err := trajectory.Open(dir)
		if err != nil {
			return Result{}, fmt.Errorf("pretrain: %w", err)
		}
		defer func() { err = errors.Join(err, s.Close()) }()
		sources = append(sources, s)
	}
	e, err := openEpisodes(ctx, &c, append(sources, o.Sources...), keepBytes)
	if err != nil {
		return Result{}, err
	}
	rec := recipe{Task: taskName, Config: c, Data: o.Data, Episodes: e.count, Steps: e.steps, Source: e.source}
	if check != nil {
		if err := check(rec); err != nil {
			return Result{}, err
		}
	}
	t, err := newTask(&c, e)
	if err != nil {
		return Result{}, err
	}
	t.model.Name = o.Out
	loop := train.Options{Dir: o.Out, Resume: o.Resume, Force: o.Force, Title: "Pretraining on trajectories", Log: o.Log, Terminal: o.Terminal, Now: o.Now}
	if o.Minutes > 0 {
		if c.Train, err = train.FitMinutes(ctx, c.Train, t, o.Minutes, loop); err != nil {
			return Result{}, err
		}
		rec.Config = c
	}
	loop.Recipe = rec
	got, err := train.Run(ctx, c.Train, t, loop)
	res = Result{
		Steps: got.Steps, Loss: got.Loss, EvalLoss: got.Eval["loss"], EvalAccuracy: got.Eval["accuracy"], PerSecond: got.PerSecond,
		WindowsPerSecond: got.PerSecond * float64(c.Batch*c.Train.Accumulate), Seconds: got.Seconds, Eval: got.Eval,
	}
	if !train.Finished(got, c.Train.Steps, err) {
		return res, err
	}
	unsaved, tensors := err, t.model.Tensors()
	if c.Half {
		if err := checkpoint.RoundTensors(tensors); err != nil {
			return res, fmt.Errorf("pretrain: %w", err)
		}
	}
	res.Digest = checkpoint.Digest(tensors)
	if o.Out == "" {
		return res, unsaved
	}
	err = t.model.SaveInto(o.Out, rl.SaveOptions{Card: card(rec, e, res), Half: c.Half})
	return res, errors.Join(unsaved, err)
}
