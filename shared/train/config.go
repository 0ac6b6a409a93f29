package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// A Config says how to train. DefaultConfig gives the values of fields that JSON leaves out.
type Config struct {
	Steps       int     `json:"steps"`        // optimizer steps, at least 1
	Warmup      int     `json:"warmup"`       // steps over which the rate rises linearly to LR
	Schedule    string  `json:"schedule"`     // after warm-up: cosine or linear to MinLR at the last step, or constant
	LR          float64 `json:"lr"`           // peak learning rate
	MinLR       float64 `json:"min_lr"`       // learning rate at the end
	WeightDecay float64 `json:"weight_decay"` // of matrices, not of biases and norms
	Beta1       float64 `json:"beta1"`
	Beta2       float64 `json:"beta2"`
	Eps         float64 `json:"eps"`
	ClipNorm    float64 `json:"clip_norm"`  // largest global gradient norm, 0: any
	Accumulate  int     `json:"accumulate"` // micro-batches a step, at least 1
	EvalEvery   int     `json:"eval_every"` // steps between evaluations, 0: only at the end
	SaveEvery   int     `json:"save_every"` // steps between checkpoints, 0: only at the end, when stopped, and after an evaluation that is the best so far
	Keep        int     `json:"keep"`       // newest checkpoints kept besides the best, at least 1
	Patience    int     `json:"patience"`   // evaluations without a better Monitor before stopping, 0: never; the best weights are restored
	Monitor     string  `json:"monitor"`    // key of the evaluation that patience and best go by; smaller is better if it ends in loss or perplexity
	Seed        uint64  `json:"seed"`       // for the task; the loop itself draws nothing

	Optimizer string  `json:"optimizer,omitempty"` // adamw (default), or muon: hidden matrices by Muon, the rest by AdamW
	Average   float64 `json:"average,omitempty"`   // decay of a moving average of the weights, which evaluations score and which remains at the end; 0: none
}

// DefaultConfig returns 1,000 steps of AdamW at 5e-4 with warm-up and a cosine.
func DefaultConfig() Config {
	return Config{
		Steps: 1000, Warmup: 100, Schedule: "cosine", LR: 5e-4,
		WeightDecay: 0.01, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, ClipNorm: 1,
		Accumulate: 1, EvalEvery: 0, SaveEvery: 500, Keep: 2, Monitor: "loss",
	}
}

// ParseConfig reads JSON over the defaults and validates it. Unknown keys are refused.
func ParseConfig(data []byte) (Config, error) {
	c := DefaultConfig()
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return Config{}, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Config{}, fmt.Errorf("%w: data after the JSON object", ErrConfig)
	}
	return c, c.Validate()
}

// WithSteps returns c with another number of steps and the same share of them as warm-up.
func (c Config) WithSteps(steps int) Config {
	if c.Steps > 0 {
		c.Warmup = int(math.Round(float64(c.Warmup) / float64(c.Steps) * float64(steps)))
	}
	c.Steps = steps
	return c
}

// Validate returns an ErrConfig that names the first field out of range.
func (c Config) Validate() error {
	ints := []struct {
		name     string
		got, min int
	}{
		{"steps", c.Steps, 1},
		{"warmup", c.Warmup, 0},
		{"accumulate", c.Accumulate, 1},
		{"eval_every", c.EvalEvery, 0},
		{"save_every", c.SaveEvery, 0},
		{"keep", c.Keep, 1},
		{"patience", c.Patience, 0},
	}
	for _, f := range ints {
		if f.got < f.min {
			return fmt.Errorf("%w: %s: got %d, want at least %d", ErrConfig, f.name, f.got, f.min)
		}
	}
	floats := []struct {
		name      string
		got, high float64
		zero      bool // whether 0 is in range
	}{
		{name: "lr", got: c.LR, high: math.MaxFloat32},
		{name: "min_lr", got: c.MinLR, high: c.LR, zero: true},
		{name: "weight_decay", got: c.WeightDecay, high: math.MaxFloat32, zero: true},
		{name: "beta1", got: c.Beta1, high: 0.99999},
		{name: "beta2", got: c.Beta2, high: 0.99999},
		{name: "eps", got: c.Eps, high: 1},
		{name: "clip_norm", got: c.ClipNorm, high: math.MaxFloat32, zero: true},
		{name: "average", got: c.Average, high: 0.999999, zero: true},
	}
	for _, f := range floats {
		if !(f.got > 0 || f.zero && f.got == 0) || !(f.got <= f.high) {
			return fmt.Errorf("%w: %s: got %v, out of range", ErrConfig, f.name, f.got)
		}
	}
	switch c.Schedule {
	case "cosine", "linear", "constant":
	default:
		return fmt.Errorf("%w: schedule: got %q, want cosine, linear or constant", ErrConfig, c.Schedule)
	}
	switch c.Optimizer {
	case "", AdamW, Muon:
	default:
		return fmt.Errorf("%w: optimizer: got %q, want adamw or muon", ErrConfig, c.Optimizer)
	}
	if c.Patience > 0 && c.Monitor == "" {
		return fmt.Errorf("%w: patience: needs a monitor", ErrConfig)
	}
	return nil
}
