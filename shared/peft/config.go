package peft

import (
	"errors"
	"fmt"

	"github.com/fmkit/fmkit/shared/backbone"
)

// ErrConfig means that a configuration is out of range; the error names the field.
var ErrConfig = errors.New("peft: config")

// The methods, as recipes and passports name them.
const (
	MethodLoRA       = "lora"
	MethodIA3        = "ia3"
	MethodPrefix     = "prefix"
	MethodBottleneck = "bottleneck"
	MethodBitFit     = "bitfit"
	MethodLastK      = "last-k"
)

// A Config is one method with its settings: one field is set. Recipes, where a method may have its default settings, and passports of other methods have none.
type Config struct {
	LoRA       *LoRAConfig       `json:"lora,omitempty"`
	IA3        *IA3Config        `json:"ia3,omitempty"`
	Prefix     *PrefixConfig     `json:"prefix,omitempty"`
	Bottleneck *BottleneckConfig `json:"bottleneck,omitempty"`
	BitFit     *BitFitConfig     `json:"bitfit,omitempty"`
	LastK      *LastKConfig      `json:"last_k,omitempty"`
}

// Default returns the method of the given name with its default settings; ok is false for a name that is none of them.
func Default(method string) (c Config, ok bool) {
	switch method {
	case MethodLoRA:
		c.LoRA = &LoRAConfig{Rank: 8, Alpha: 16, Targets: []string{AllLinear}}
	case MethodIA3: // as PEFT has it for BERT
		c.IA3 = &IA3Config{Targets: []string{"key", "value", "output.dense"}, FeedForward: []string{"output.dense"}}
	case MethodPrefix:
		c.Prefix = &PrefixConfig{Tokens: 16}
	case MethodBottleneck:
		c.Bottleneck = &BottleneckConfig{Size: 32, Activation: "relu"}
	case MethodBitFit:
		c.BitFit = &BitFitConfig{}
	case MethodLastK:
		c.LastK = &LastKConfig{Layers: 2}
	default:
		return c, false
	}
	return c, true
}

// Clear sets the settings of the method that is set to zeros.
func (c *Config) Clear() {
	switch {
	case c.LoRA != nil:
		c.LoRA = &LoRAConfig{}
	case c.IA3 != nil:
		c.IA3 = &IA3Config{}
	case c.Prefix != nil:
		c.Prefix = &PrefixConfig{}
	case c.Bottleneck != nil:
		c.Bottleneck = &BottleneckConfig{}
	case c.LastK != nil:
		c.LastK = &LastKConfig{}
	}
}

// Method is the name of the method that is set, "" for none.
func (c *Config) Method() string {
	switch {
	case c.LoRA != nil:
		return MethodLoRA
	case c.IA3 != nil:
		return MethodIA3
	case c.Prefix != nil:
		return MethodPrefix
	case c.Bottleneck != nil:
		return MethodBottleneck
	case c.BitFit != nil:
		return MethodBitFit
	case c.LastK != nil:
		return MethodLastK
	}
	return ""
}

// Validate returns an ErrConfig unless one method is set, with settings in range.
func (c *Config) Validate() error {
	n := 0
	for _, set := range []bool{c.LoRA != nil, c.IA3 != nil, c.Prefix != nil, c.Bottleneck != nil, c.BitFit != nil, c.LastK != nil} {
		if set {
			n++
		}
	}
	if n != 1 {
		return fmt.Errorf("%w: got settings of %d methods, want those of one", ErrConfig, n)
	}
	return c.method().validate()
}

// A method is the settings of one.
type method interface {
	validate() error
	// plan makes the change for e, with initial values by seed, without touching e.
	plan(e *backbone.Encoder, seed uint64) (*Change, error)
}

// method gives the one that is set.
func (c *Config) method() method {
	switch {
	case c.LoRA != nil:
		return c.LoRA
	case c.IA3 != nil:
		return c.IA3
	case c.Prefix != nil:
		return c.Prefix
	case c.Bottleneck != nil:
		return c.Bottleneck
	case c.BitFit != nil:
		return c.BitFit
	}
	return c.LastK
}
