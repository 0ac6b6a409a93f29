package peft

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/backbone"
)

// A LastKConfig tunes the last blocks of the encoder, and the norm behind them where there is one, in place. Nothing flows back into what lies below.
type LastKConfig struct {
	Layers int `json:"layers"` // blocks, from the last one down
}

// validate implements method.
func (c *LastKConfig) validate() error {
	if c.Layers < 1 {
		return fmt.Errorf("%w: last_k: layers: got %d, want at least 1", ErrConfig, c.Layers)
	}
	return nil
}

// plan implements method.
func (c *LastKConfig) plan(e *backbone.Encoder, _ uint64) (*Change, error) {
	if c.Layers > len(e.Blocks) {
		return nil, fmt.Errorf("%w: last_k: layers: got %d, want at most the %d of the encoder", ErrConfig, c.Layers, len(e.Blocks))
	}
	top := *e
	top.Blocks = e.Blocks[len(e.Blocks)-c.Layers:]
	return inPlace(Config{LastK: &LastKConfig{c.Layers}}, own(&top)), nil
}
