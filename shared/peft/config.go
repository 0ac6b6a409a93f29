package peft

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// ErrConfig means that a configuration is out of range; the error names the field.
var ErrConfig = errors.New("peft: config")

// A Config is PEFT's LoraConfig, as far as encoders need it.
type Config struct {
	Rank    int      `json:"r"`
	Alpha   float64  `json:"lora_alpha"`     // the change is scaled by Alpha/Rank
	Dropout float64  `json:"lora_dropout"`   // of what goes into the change, while training
	RSLoRA  bool     `json:"use_rslora"`     // scale by Alpha/sqrt(Rank) (Kalajdzievski, "A Rank Stabilization Scaling Factor for Fine-Tuning with LoRA", 2023)
	Targets []string `json:"target_modules"` // ends of the names of the layers to change, such as query, or all-linear for every one inside the blocks
}

// AllLinear as the only target means every linear layer inside the blocks.
const AllLinear = "all-linear"

// Default returns rank 8 and alpha 16 on every linear layer of the blocks.
func Default() Config { return Config{Rank: 8, Alpha: 16, Targets: []string{AllLinear}} }

// maxRank bounds the rank, so that a file from a stranger can't ask for more memory than a machine has.
const maxRank = 256

// Validate returns an ErrConfig that names the first field out of range.
func (c *Config) Validate() error {
	switch {
	case c.Rank < 1 || c.Rank > maxRank:
		return fmt.Errorf("%w: r: got %d, want 1 to %d", ErrConfig, c.Rank, maxRank)
	case !(c.Alpha > 0 && c.Alpha <= 1e4):
		return fmt.Errorf("%w: lora_alpha: got %g, want above 0 and at most 10000", ErrConfig, c.Alpha)
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return fmt.Errorf("%w: lora_dropout: got %g, want at least 0 and below 1", ErrConfig, c.Dropout)
	case len(c.Targets) == 0:
		return fmt.Errorf("%w: target_modules: got none, want the ends of names of layers, or %s", ErrConfig, AllLinear)
	}
	for _, t := range c.Targets {
		if t == "" || t == AllLinear && len(c.Targets) > 1 {
			return fmt.Errorf("%w: target_modules: got %q, want ends of names of layers, or %s alone", ErrConfig, c.Targets, AllLinear)
		}
	}
	return nil
}

// scale is what the low-rank product is multiplied by.
func (c *Config) scale() float32 {
	if c.RSLoRA {
		return float32(c.Alpha / math.Sqrt(float64(c.Rank)))
	}
	return float32(c.Alpha / float64(c.Rank))
}

// target says whether the layer of the given name is to be changed, and which pattern says so; "" for none.
func (c *Config) target(name string) string {
	for _, t := range c.Targets {
		if t == AllLinear || name == t || strings.HasSuffix(name, "."+t) {
			return t
		}
	}
	return ""
}
