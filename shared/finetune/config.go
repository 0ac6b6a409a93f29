package finetune

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/train"
)

// ErrConfig means that a tuning configuration is out of range; the error names the field.
var ErrConfig = errors.New("finetune: config")

// A Config says how an adapter is trained. Every task's recipe has it; the passport keeps the recipe as JSON, so the names stay.
type Config struct {
	Method      string   `json:"method"`       // full, head, scratch or one of package peft: lora, ia3, prefix, bottleneck, bitfit, last-k
	Epochs      float64  `json:"epochs"`       // passes over the training examples; 0 without Steps: 3, or as many as 500 steps take where that is more
	Steps       int      `json:"steps"`        // optimizer steps; 0: as many as Epochs need
	Batch       int      `json:"batch"`        // rows a step
	LR          float64  `json:"lr"`           // peak learning rate
	Warmup      float64  `json:"warmup"`       // fraction of the steps over which the rate rises; it then falls linearly to 0
	WeightDecay float64  `json:"weight_decay"` // of AdamW, not for biases and norms
	ClipNorm    float64  `json:"clip_norm"`    // largest global gradient norm, 0: any
	MaxLength   int      `json:"max_length"`   // most tokens of a row; 0: the model's
	Held        float64  `json:"held"`         // fraction held back to evaluate on where there is no evaluation file
	Shots       int      `json:"shots"`        // examples per class to train on, 0: all
	Seed        uint64   `json:"seed"`
	Probe       Choice   `json:"probe,omitzero"`        // before the whole model is tuned, the head alone is fitted so; no epochs: it starts at random
	Logistic    float64  `json:"logistic"`              // > 0: before the whole model is tuned, the head is fitted by logistic regression with this inverse regularisation (C), and with method head that is all; for classes of whole texts or pictures
	Contrastive float64  `json:"contrastive,omitempty"` // > 0: the model is tuned by supervised contrast of vectors at this temperature instead of by the head, which is fitted at once in the end; for classes of whole texts or pictures
	peft.Config          // settings of a method of package peft; none: peft.Default's
	LayerDecay  float64  `json:"layer_decay,omitempty"` // of method full: a block's rate is this times that of the block above it, the head's LR (ELECTRA, Clark et al., 2020); 0: LR for all
	Optimizer   string   `json:"optimizer,omitempty"`   // adamw (default), or, of methods that tune blocks, muon: hidden matrices by Muon, the rest by AdamW
	Half        bool     `json:"half,omitempty"`        // round the trained weights to float16 and store them so
	Grid        []Choice `json:"grid,omitempty"`        // rates and epochs to choose from on a development split; empty: LR and Epochs as they are
	Dev         float64  `json:"dev"`                   // fraction of the training examples that the grid is chosen on
	Trials      []Trial  `json:"trials,omitempty"`      // on record after the choice; no setting

	Calibration calibration.Settings `json:"calibration,omitzero"` // how the adapter learns how sure it is; zero: not at all
}

// A Choice is one point of the grid.
type Choice struct {
	LR     float64 `json:"lr"`
	Epochs float64 `json:"epochs"`
}

// A Trial is what a choice came to on the development split.
type Trial struct {
	Choice
	Score float64 `json:"score"`
}

// Defaults returns full tuning at 1e-4, for as long as suits the number of examples.
func Defaults() Config {
	return Config{
		Method: adapter.Full, Batch: 32, LR: 1e-4, Warmup: 0.1, WeightDecay: 0.01, ClipNorm: 1,
		Held: 0.1, Seed: 1, Dev: 0.2,
	}
}

// TunesBlocks says whether a method tunes matrices of the model's blocks themselves.
func TunesBlocks(method string) bool {
	return slices.Contains([]string{adapter.Full, adapter.Scratch, adapter.LastK}, method)
}

// Validate returns an ErrConfig that names the first field out of range.
func (c *Config) Validate() error {
	_, few := peft.Default(c.Method)
	switch {
	case few, slices.Contains([]string{adapter.Full, adapter.Head, adapter.Scratch}, c.Method):
	default:
		return fmt.Errorf("%w: method: got %q, want full, head, scratch, lora, ia3, prefix, bottleneck, bitfit or last-k", ErrConfig, c.Method)
	}
	if c.Config != (peft.Config{}) {
		if err := c.Config.Validate(); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrConfig, c.Config.Method(), err)
		}
		if m := c.Config.Method(); m != c.Method {
			return fmt.Errorf("%w: %s: got its settings with method %s, want none", ErrConfig, m, c.Method)
		}
	}
	if c.LayerDecay != 0 {
		if c.Method != adapter.Full {
			return fmt.Errorf("%w: layer_decay: got one with method %s, want none", ErrConfig, c.Method)
		}
		if !(c.LayerDecay >= 0.1 && c.LayerDecay <= 1) {
			return fmt.Errorf("%w: layer_decay: got %v, want 0.1 to 1", ErrConfig, c.LayerDecay)
		}
	}
	switch {
	case !slices.Contains([]string{"", train.AdamW, train.Muon}, c.Optimizer):
		return fmt.Errorf("%w: optimizer: got %q, want adamw or muon", ErrConfig, c.Optimizer)
	case c.Optimizer == train.Muon && !TunesBlocks(c.Method):
		return fmt.Errorf("%w: optimizer: got muon with method %s, which tunes no hidden matrices", ErrConfig, c.Method)
	}
	for _, f := range []struct {
		name      string
		got       float64
		low, high float64
	}{
		{"epochs", c.Epochs, 0, 1e6},
		{"steps", float64(c.Steps), 0, 1e9},
		{"batch", float64(c.Batch), 1, 1e5},
		{"lr", c.LR, math.SmallestNonzeroFloat32, 10},
		{"warmup", c.Warmup, 0, 1},
		{"weight_decay", c.WeightDecay, 0, 10},
		{"clip_norm", c.ClipNorm, 0, math.MaxFloat32},
		{"max_length", float64(c.MaxLength), 0, 1e6},
		{"held", c.Held, 0, 0.9},
		{"shots", float64(c.Shots), 0, 1e9},
		{"dev", c.Dev, 0, 0.9},
	} {
		if !(f.got >= f.low && f.got <= f.high) {
			return fmt.Errorf("%w: %s: got %v, want %v to %v", ErrConfig, f.name, f.got, f.low, f.high)
		}
	}
	if p := c.Probe; p.Epochs != 0 || p.LR != 0 {
		if c.Method == adapter.Head {
			return fmt.Errorf("%w: probe: got one with method head, which is one", ErrConfig)
		}
		if !(p.Epochs > 0 && p.Epochs <= 1e6 && p.LR > 0 && p.LR <= 10) {
			return fmt.Errorf("%w: probe: got rate %v and %v epochs, want both above 0", ErrConfig, p.LR, p.Epochs)
		}
	}
	if c.Logistic != 0 {
		switch {
		case !(c.Logistic > 0 && c.Logistic <= 1e6):
			return fmt.Errorf("%w: logistic: got %v, want more than 0 and at most 1e6", ErrConfig, c.Logistic)
		case c.Probe.Epochs != 0:
			return fmt.Errorf("%w: logistic: got one beside a probe, want one of them", ErrConfig)
		}
	}
	if c.Contrastive != 0 {
		switch {
		case !(c.Contrastive >= 0.01 && c.Contrastive <= 10):
			return fmt.Errorf("%w: contrastive: got %v, want a temperature from 0.01 to 10", ErrConfig, c.Contrastive)
		case c.Method == adapter.Head:
			return fmt.Errorf("%w: contrastive: got one with method head, which leaves the model as it is", ErrConfig)
		case c.Probe.Epochs != 0:
			return fmt.Errorf("%w: contrastive: got one beside a probe, want one of them", ErrConfig)
		}
	}
	for i, g := range c.Grid {
		at := *c
		at.Grid, at.Steps = nil, 0
		at.LR, at.Epochs = g.LR, g.Epochs
		if err := at.Validate(); err != nil {
			return fmt.Errorf("grid[%d]: %w", i, err)
		}
	}
	if err := c.Calibration.Validate(); err != nil {
		return fmt.Errorf("%w: calibration: %w", ErrConfig, err)
	}
	if len(c.Grid) > 0 && c.Dev == 0 {
		return fmt.Errorf("%w: dev: got 0, want a fraction to choose from the grid on", ErrConfig)
	}
	return nil
}

// With neither steps nor epochs given, few examples are gone through more often, for tuning takes a number of steps however few they are.
const (
	defaultEpochs = 3
	fewestSteps   = 500
)

// steps is the number of optimizer steps for n rows.
func (c *Config) steps(n int) int {
	if c.Steps > 0 {
		return c.Steps
	}
	perEpoch := (n + c.Batch - 1) / c.Batch
	if c.Epochs == 0 {
		return max(fewestSteps, defaultEpochs*perEpoch)
	}
	return max(1, int(math.Ceil(c.Epochs*float64(perEpoch))))
}
