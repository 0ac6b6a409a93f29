package train

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/vision"
)

// Options say where an adapter goes and whom its training tells. The zero value trains in memory, silently.
type Options struct {
	Out      string    // adapter folder; empty: none is written
	Run      string    // folder of the run while it lasts; empty: Out with ".run" added
	Resume   bool      // go on with what Run holds
	Log      io.Writer // progress; nil: nobody
	Terminal bool      // Log is a terminal
	NoScore  bool      // don't score at the end
}

// recipe is what a run that is resumed must have been started with.
type recipe struct {
	Config Config           `json:"config"`
	Base   string           `json:"base"`
	Data   []adapter.Source `json:"data"`
}

// Adapt trains a detector on d by the recipe c, sets its threshold, and writes its folder to o.Out. A stopped run stays in o.Run, to be resumed. The base is
// not changed. The passport's metrics are of pictures that were not trained on; those of a recipe without folds have set the threshold, too.
func Adapt(ctx context.Context, base *vision.Model, d Data, c Config, o Options) (*inspector.Detector, *adapter.Passport, error) {
	if err := c.Validate(); err != nil {
		return nil, nil, err
	}
	sources, err := d.sources(ctx)
	if err != nil {
		return nil, nil, err
	}
	if len(d.Held) == 0 && c.Held > 0 {
		if d.Train, d.Held, err = hold(d.Train, c.Held, c.Train.Seed); err != nil {
			return nil, nil, err
		}
	}
	kinds := Kinds(d.Train)
	if len(kinds) == 0 || len(kinds) > inspector.MaxKinds {
		return nil, nil, fmt.Errorf("inspector: train: kinds of defects: got %d, want 1 to %d", len(kinds), inspector.MaxKinds)
	}
	if o.Run == "" && o.Out != "" {
		o.Run = filepath.Clean(o.Out) + ".run"
	}
	if c.Detector.Template != nil && base.Config.Channels != 3 {
		return nil, nil, fmt.Errorf("%w: channels: got %d of the base, want 3 for picture, template and difference", ErrConfig, base.Config.Channels)
	}
	pictures, err := readMarked(ctx, d.Train, kinds, &c.Detector, c.Paste > 0)
	if err != nil {
		return nil, nil, err
	}
	if c.Paste > 0 && !slices.ContainsFunc(pictures, func(m marked) bool { return len(m.cuts) > 0 }) {
		return nil, nil, fmt.Errorf("%w: paste: got %g, and no defect that stands alone in a picture with a template", ErrConfig, c.Paste)
	}
	r := recipe{c, base.Fingerprint(), sources}
	var boxes Boxes
	if c.Folds > 0 {
		if boxes, err = crossFit(ctx, base, pictures, kinds, c, o, r); err != nil {
			return nil, nil, err
		}
	}
	f, err := fit(ctx, base, pictures, kinds, c, o, o.final(), r)
	if err != nil {
		return nil, nil, err
	}
	if c.Folds == 0 && len(d.Held) > 0 {
		if boxes, err = Inspect(ctx, f.detector, d.Held, nil); err != nil {
			return nil, nil, err
		}
	}
	det, scores := f.detector, adapter.Scores{}
	if boxes.Images > 0 {
		if det, err = decide(det, &boxes, &c); err != nil {
			return nil, nil, err
		}
	}
	if !o.NoScore {
		if c.Folds > 0 && len(d.Held) > 0 {
			if boxes, err = Inspect(ctx, det, d.Held, nil); err != nil {
				return nil, nil, err
			}
		}
		if len(boxes.Truth) > 0 {
			if scores, err = boxes.Scores(det.Settings().Score, c.IoU); err != nil {
				return nil, nil, err
			}
		}
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, nil, fmt.Errorf("inspector: train: %w", err)
	}
	p, err := det.Save(o.Out, adapter.Passport{
		Method: c.Method, Config: f.few, Base: base.Identity(), Data: sources, Recipe: raw, Seed: c.Train.Seed, Steps: f.result.Steps, Metrics: scores,
	}, f.tuned, report(o.final()))
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

// final is the folder of the run that the weights come from.
func (o *Options) final() string {
	if o.Run == "" {
		return ""
	}
	return filepath.Join(o.Run, "final")
}

// report is what stays of a run.
func report(run string) map[string][]byte {
	const name = "report.html"
	if raw, err := os.ReadFile(filepath.Join(run, name)); run != "" && err == nil {
		return map[string][]byte{name: raw}
	}
	return nil
}
