package pretrain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/vision"
)

// Options say what a run reads, where it goes and whom it tells.
type Options struct {
	Data     string           // pictures in a layout of package dataset
	Out      string           // run folder, which becomes the model folder
	Resume   bool             // go on with what Out holds
	Force    bool             // resume even though the recipe has changed
	Minutes  float64          // measure the rate first, and set the steps to what fits; 0: Config.Train.Steps
	Log      io.Writer        // progress; nil: nobody
	Terminal bool             // Log is a terminal
	Now      func() time.Time // clock; nil: time.Now
}

// A Result is what a run came to.
type Result struct {
	Steps           int     `json:"steps"`
	Loss            float64 `json:"loss"`
	EvalLoss        float64 `json:"eval_loss"`
	PerSecond       float64 `json:"per_second"` // steps
	ImagesPerSecond float64 `json:"images_per_second"`
	Seconds         float64 `json:"seconds"`
	Digest          string  `json:"digest"` // of all weights, the decoder's too, as they are stored
}

// A recipe is everything that decides the weights; the run's recipe.json holds it beside the loop's own settings.
type recipe struct {
	Task     string `json:"task"`
	Config   Config `json:"config"`
	Data     string `json:"data"`     // as given
	Pictures int    `json:"pictures"` // in the data's training part
	Source   string `json:"source"`   // SHA-256 of the list of pictures and of their files
}

// taskName marks the recipes of this package.
const taskName = "pretrain vision"

// cacheDir holds the resized pictures inside the run folder.
const cacheDir = "data"

// Run pretrains a model. It returns train.ErrStopped when ctx ended, with the state saved in o.Out, to be resumed; and what
// reading the data or train.Run returns.
func Run(ctx context.Context, c Config, o Options) (Result, error) {
	if err := c.Validate(); err != nil {
		return Result{}, err
	}
	if o.Out == "" {
		return Result{}, fmt.Errorf("%w: no folder to write to", ErrConfig)
	}
	return run(ctx, c, o, filepath.Join(o.Out, cacheDir), nil)
}

// run is Run with the cache in a folder of its own, and a check of the recipe before anything is trained.
func run(ctx context.Context, c Config, o Options, cache string, check func(recipe) error) (res Result, err error) {
	if o.Out != "" {
		if err := train.Vacant(o.Out, o.Resume, "config.json", "model.safetensors", "preprocessor_config.json", "README.md"); err != nil {
			return Result{}, err
		}
	}
	p, err := openPictures(ctx, c, o.Data, cache)
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, p.cache.Close()) }()
	rec := recipe{Task: taskName, Config: c, Data: o.Data, Pictures: p.cache.Len(), Source: p.cache.Source()}
	if check != nil {
		if err := check(rec); err != nil {
			return Result{}, err
		}
	}
	t, err := newTask(&c, p)
	if err != nil {
		return Result{}, err
	}
	t.model.Name = o.Out
	loop := train.Options{Dir: o.Out, Resume: o.Resume, Force: o.Force, Title: "Pretraining on pictures", Log: o.Log, Terminal: o.Terminal, Now: o.Now}
	if o.Minutes > 0 {
		if c.Train, err = train.FitMinutes(ctx, c.Train, t, o.Minutes, loop); err != nil {
			return Result{}, err
		}
		rec.Config = c
	}
	loop.Recipe = rec
	got, err := train.Run(ctx, c.Train, t, loop)
	res = Result{
		Steps: got.Steps, Loss: got.Loss, EvalLoss: got.Eval["loss"], PerSecond: got.PerSecond,
		ImagesPerSecond: got.PerSecond * float64(c.Batch*c.Train.Accumulate), Seconds: got.Seconds,
	}
	if !train.Finished(got, c.Train.Steps, err) {
		return res, err
	}
	unsaved, tensors := err, t.tensors()
	if c.Half {
		if err := checkpoint.RoundTensors(tensors); err != nil {
			return res, fmt.Errorf("pretrain: %w", err)
		}
	}
	res.Digest = checkpoint.Digest(tensors)
	if o.Out == "" {
		return res, unsaved
	}
	err = t.model.SaveInto(o.Out, vision.SaveOptions{Card: card(rec, p, res), Half: c.Half, Extra: t.decoder.tensors(), Keys: c.keys()})
	return res, errors.Join(unsaved, err)
}
