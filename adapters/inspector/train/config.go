package train

import (
	"errors"
	"fmt"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/train"
)

// ErrConfig means that a configuration is out of range; the error names the field.
var ErrConfig = errors.New("inspector: train: config")

// A Config is the recipe of a detector.
type Config struct {
	Method     string                     `json:"method"`      // adapter.Full, or adapter.Head: the encoder stays as it is
	Batch      int                        `json:"batch"`       // windows of a step
	Focus      float64                    `json:"focus"`       // share of the windows that are laid round a defect; the rest round proposed places, or anywhere
	Weight     float64                    `json:"weight"`      // in the loss, of a patch wholly of a defect; that of a good one is 1
	Gain       float64                    `json:"gain"`        // brightness is changed by a factor of at most this more or less than 1
	FalseBoxes float64                    `json:"false_boxes"` // a picture, on average over those that set the threshold
	IoU        float64                    `json:"iou"`         // from which on a box counts as right
	Held       float64                    `json:"held"`        // fraction of the pictures that only set the threshold, where none are given for it
	Detector   inspector.DetectorSettings `json:"detector"`
	Train      train.Config               `json:"train"`
}

// Default gives a recipe for pictures with or without templates.
func Default(template bool) Config {
	t := train.DefaultConfig()
	t.Steps, t.Warmup, t.LR, t.WeightDecay, t.SaveEvery, t.Keep = 4000, 400, 1.5e-3, 0.05, 200, 1
	focus := 0.5
	if template {
		focus = 0.1
	}
	return Config{
		Method: adapter.Full, Batch: 24, Focus: focus, Weight: 1, Gain: 0.1, FalseBoxes: 1, IoU: 0.33, Held: 0.1,
		Detector: inspector.DefaultDetector(template), Train: t,
	}
}

// Validate returns an ErrConfig that names the first field out of range.
func (c *Config) Validate() error {
	if c.Method != adapter.Full && c.Method != adapter.Head {
		return fmt.Errorf("%w: method: got %q, want %s or %s", ErrConfig, c.Method, adapter.Full, adapter.Head)
	}
	for _, f := range []struct {
		name           string
		got, low, high float64
	}{
		{"batch", float64(c.Batch), 1, 1 << 12},
		{"focus", c.Focus, 0, 1},
		{"weight", c.Weight, 0.01, 100},
		{"gain", c.Gain, 0, 0.9},
		{"false_boxes", c.FalseBoxes, 0, 1000},
		{"iou", c.IoU, 0.01, 1},
		{"held", c.Held, 0, 0.5},
	} {
		if !(f.got >= f.low && f.got <= f.high) {
			return fmt.Errorf("%w: %s: got %g, want %g to %g", ErrConfig, f.name, f.got, f.low, f.high)
		}
	}
	if err := c.Detector.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if err := c.Train.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return nil
}
