package train

import (
	"errors"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/shared/train"
)

// ErrConfig means that a configuration is out of range; the error names the field.
var ErrConfig = errors.New("inspector: train: config")

// A Config is the recipe of a detector.
type Config struct {
	Method      string `json:"method"` // full, head (the encoder stays as it is), scratch (it starts at random) or one of package peft
	peft.Config        // settings of a method of package peft; none: peft.Default's

	Shots      int                        `json:"shots,omitempty"`    // defective pictures of each label to learn from, by seed; 0: all. ReadData picks them
	Batch      int                        `json:"batch"`              // windows of a step
	Focus      float64                    `json:"focus"`              // share of the windows that are laid round a defect; the rest round proposed places, or anywhere
	Weight     float64                    `json:"weight"`             // in the loss, of a patch wholly of a defect; that of a good one is 1
	Gain       float64                    `json:"gain"`               // brightness is changed by a factor of at most this more or less than 1
	Zoom       float64                    `json:"zoom,omitempty"`     // a pixel of a window stands for at most this much more or less than one of the picture
	Upright    bool                       `json:"upright,omitempty"`  // windows are neither turned nor mirrored: where what is up matters, as in a weave
	Negative   bool                       `json:"negative,omitempty"` // without templates: half of the windows are negatives, white for black, as where a track on a board and the gap between two are alike
	Opposite   map[string]string          `json:"opposite,omitempty"` // kinds of defects that are one another's in a negative, such as open and short; others stay what they are
	Paste      float64                    `json:"paste,omitempty"`    // without templates in what is looked at: this share of the windows get defects of other pictures that come with one (cut.go)
	FalseBoxes float64                    `json:"false_boxes"`        // a picture, on average over those that set the threshold
	IoU        float64                    `json:"iou"`                // from which on a box counts as right
	Abstain    float64                    `json:"abstain,omitempty"`  // further false boxes a picture that make the verdict abstain
	Folds      int                        `json:"folds"`              // of the pictures, for the threshold: each is looked at by a detector trained without it; 0: held-back pictures set it
	Held       float64                    `json:"held"`               // fraction of the pictures that isn't trained on, where none are given for that: without folds they set the threshold, with folds they are scored
	Detector   inspector.DetectorSettings `json:"detector"`
	Train      train.Config               `json:"train"`
}

// Default gives a recipe for pictures with or without templates. Without, there is more to learn: hidden matrices move by Muon (package comment).
func Default(template bool) Config {
	t := train.DefaultConfig()
	t.Steps, t.Warmup, t.LR, t.WeightDecay, t.SaveEvery, t.Keep = 4000, 400, 1.5e-3, 0.05, 200, 1
	c := Config{
		Method: adapter.Full, Batch: 24, Focus: 0.1, Weight: 1, Gain: 0.1, FalseBoxes: 1, IoU: 0.33, Folds: 3, Held: 0.1,
		Detector: inspector.DefaultDetector(template), Train: t,
	}
	if !template {
		c.Focus, c.Train.LR, c.Train.Optimizer = 0.8, 4e-3, train.Muon
	}
	return c
}

// Validate returns an ErrConfig that names the first field out of range.
func (c *Config) Validate() error {
	if _, few := peft.Default(c.Method); !few && !slices.Contains([]string{adapter.Full, adapter.Head, adapter.Scratch}, c.Method) {
		return fmt.Errorf("%w: method: got %q, want full, head, scratch, lora, ia3, prefix, bottleneck, bitfit or last-k", ErrConfig, c.Method)
	}
	if c.Config != (peft.Config{}) {
		if err := c.Config.Validate(); err != nil {
			return fmt.Errorf("%w: %w", ErrConfig, err)
		}
		if m := c.Config.Method(); m != c.Method {
			return fmt.Errorf("%w: %s: got its settings with method %s, want none", ErrConfig, m, c.Method)
		}
	}
	if c.Folds == 1 {
		return fmt.Errorf("%w: folds: got 1, want 0 or at least 2", ErrConfig)
	}
	for _, f := range []struct {
		name           string
		got, low, high float64
	}{
		{"batch", float64(c.Batch), 1, 1 << 12},
		{"focus", c.Focus, 0, 1},
		{"weight", c.Weight, 0.01, 100},
		{"gain", c.Gain, 0, 0.9},
		{"zoom", c.Zoom, 0, 0.9},
		{"paste", c.Paste, 0, 1},
		{"shots", float64(c.Shots), 0, 1e9},
		{"false_boxes", c.FalseBoxes, 0, 1000},
		{"abstain", c.Abstain, 0, 1000},
		{"folds", float64(c.Folds), 0, 100},
		{"iou", c.IoU, 0.01, 1},
		{"held", c.Held, 0, 0.5},
	} {
		if !(f.got >= f.low && f.got <= f.high) {
			return fmt.Errorf("%w: %s: got %g, want %g to %g", ErrConfig, f.name, f.got, f.low, f.high)
		}
	}
	if c.Negative && c.Detector.Template != nil {
		return fmt.Errorf("%w: negative: got it with templates, want it without", ErrConfig)
	}
	if c.Paste > 0 && c.Detector.Template != nil {
		return fmt.Errorf("%w: paste: got %g with templates, want 0", ErrConfig, c.Paste)
	}
	if len(c.Opposite) > 0 && !c.Negative {
		return fmt.Errorf("%w: opposite: got kinds of defects without negative", ErrConfig)
	}
	if err := c.Detector.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if err := c.Train.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return nil
}

// ParseConfig reads a recipe as a passport has it. Unknown keys are refused, and the result is validated.
func ParseConfig(raw []byte) (Config, error) {
	var c Config
	if err := strictjson.Decode(raw, &c, strictjson.Limits{}); err != nil {
		return Config{}, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return c, c.Validate()
}
