package train

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
)

// Data are the pictures of a training.
type Data struct {
	Train []dataset.Item
	Held  []dataset.Item // set the threshold; nil: Config.Held of the others, which are then not trained on
}

// Options say where an adapter goes and whom its training tells. The zero value trains in memory, silently.
type Options struct {
	Out      string    // adapter folder; empty: none is written
	Run      string    // folder of the run while it lasts; empty: Out with ".run" added
	Resume   bool      // go on with what Run holds
	Log      io.Writer // progress; nil: nobody
	Terminal bool      // Log is a terminal
}

// recipe is what a run that is resumed must have been started with.
type recipe struct {
	Config Config           `json:"config"`
	Base   string           `json:"base"`
	Data   []adapter.Source `json:"data"`
}

// Adapt trains a detector on d by the recipe c, sets its threshold, and writes its folder to o.Out. A stopped run stays in o.Run, to be resumed. The base is
// not changed.
func Adapt(ctx context.Context, base *vision.Model, d Data, c Config, o Options) (*inspector.Detector, *adapter.Passport, error) {
	if err := c.Validate(); err != nil {
		return nil, nil, err
	}
	if len(d.Held) == 0 && c.Held > 0 {
		d.Train, d.Held = dataset.HoldOut(d.Train, c.Held, c.Train.Seed)
	}
	kinds := Kinds(d.Train)
	if len(kinds) == 0 || len(kinds) > inspector.MaxKinds {
		return nil, nil, fmt.Errorf("inspector: train: kinds of defects: got %d, want 1 to %d", len(kinds), inspector.MaxKinds)
	}
	if o.Run == "" && o.Out != "" {
		o.Run = filepath.Clean(o.Out) + ".run"
	}
	sources, err := d.sources(ctx)
	if err != nil {
		return nil, nil, err
	}
	t, got, err := fit(ctx, base, d.Train, kinds, c, o, recipe{c, base.Fingerprint(), sources})
	if err != nil {
		return nil, nil, err
	}
	det, err := inspector.NewDetector(t.model, t.loss.head, kinds, c.Detector)
	if err != nil {
		return nil, nil, err
	}
	det, scores, err := calibrate(ctx, det, d.Held, &c)
	if err != nil {
		return nil, nil, err
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, nil, fmt.Errorf("inspector: train: %w", err)
	}
	p, err := det.Save(o.Out, adapter.Passport{
		Method: c.Method, Base: base.Identity(), Data: sources, Recipe: raw, Seed: c.Train.Seed, Steps: got.Steps, Metrics: scores,
	}, report(o.Run))
	if err != nil {
		return nil, nil, err
	}
	if o.Run != "" {
		if err := checkpoint.DeleteIn(checkpoint.OS, o.Run); err != nil {
			return nil, nil, fmt.Errorf("inspector: train: %w", err)
		}
	}
	return det, p, nil
}

// fit trains.
func fit(ctx context.Context, base *vision.Model, items []dataset.Item, kinds []string, c Config, o Options, r recipe) (*task, train.Result, error) {
	if c.Detector.Template != nil && base.Config.Channels != 3 {
		return nil, train.Result{}, fmt.Errorf("inspector: train: channels: got %d, want 3 for picture, template and difference", base.Config.Channels)
	}
	pictures, err := readMarked(ctx, items, kinds, &c.Detector)
	if err != nil {
		return nil, train.Result{}, err
	}
	m := base
	if c.Method == adapter.Full {
		if m, err = base.Clone(); err != nil {
			return nil, train.Result{}, fmt.Errorf("inspector: train: %w", err)
		}
	}
	if o.Run != "" {
		if err := checkpoint.Recover(o.Run); err != nil {
			return nil, train.Result{}, fmt.Errorf("inspector: train: %w", err)
		}
	}
	t := newTask(m, len(kinds), &c, pictures)
	got, err := train.Run(ctx, c.Train, t, train.Options{
		Dir: o.Run, Resume: o.Resume, Recipe: r, Title: "Adapter: " + inspector.Task, Log: o.Log, Terminal: o.Terminal,
	})
	return t, got, err
}

// calibrate sets the threshold of d by held-back pictures, and gives what they say of it.
func calibrate(ctx context.Context, d *inspector.Detector, held []dataset.Item, c *Config) (*inspector.Detector, adapter.Scores, error) {
	if len(held) == 0 {
		return d, adapter.Scores{}, nil
	}
	boxes, err := Inspect(ctx, d, held, 0, nil)
	if err != nil {
		return nil, adapter.Scores{}, err
	}
	if len(boxes.Truth) == 0 {
		return nil, adapter.Scores{}, fmt.Errorf("inspector: train: threshold: %w: got no defect in %d held-back pictures, want one", metrics.ErrEmpty, len(held))
	}
	s := d.Settings()
	s.Score = boxes.Threshold(c.FalseBoxes, c.IoU)
	if d, err = d.With(s); err != nil {
		return nil, adapter.Scores{}, err
	}
	scores, err := boxes.Scores(s.Score, c.IoU)
	return d, scores, err
}

// sources describe the pictures.
func (d *Data) sources(ctx context.Context) (all []adapter.Source, err error) {
	for _, part := range []struct {
		role  string
		items []dataset.Item
	}{{"train", d.Train}, {"eval", d.Held}} {
		if len(part.items) == 0 {
			continue
		}
		h, err := dataset.Hash(ctx, part.role, part.items)
		if err != nil {
			return nil, fmt.Errorf("inspector: train: %w", err)
		}
		all = append(all, adapter.Source{Role: part.role, SHA256: "sha256:" + h.SHA256})
	}
	return all, nil
}

// report is what stays of a run.
func report(run string) map[string][]byte {
	const name = "report.html"
	if raw, err := os.ReadFile(filepath.Join(run, name)); run != "" && err == nil {
		return map[string][]byte{name: raw}
	}
	return nil
}
