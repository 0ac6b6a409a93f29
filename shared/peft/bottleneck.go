package peft

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

// A BottleneckConfig puts two small linear layers behind the feed-forward layer of every block (Pfeiffer et al., "AdapterFusion", 2021), and behind the attention
// too (Houlsby et al., "Parameter-Efficient Transfer Learning for NLP", 2019). The norms stay as they are. PEFT has no such method: the names are ours.
type BottleneckConfig struct {
	Size       int    `json:"size"`       // values between the two layers
	Activation string `json:"hidden_act"` // between them: gelu, gelu_new, relu or silu
	Attention  bool   `json:"attention"`  // behind the attention too
}

// validate implements method.
func (c *BottleneckConfig) validate() error {
	if c.Size < 1 || c.Size > maxRank {
		return fmt.Errorf("%w: size: got %d, want 1 to %d", ErrConfig, c.Size, maxRank)
	}
	if _, err := nn.ParseActivation(c.Activation); err != nil {
		return fmt.Errorf("%w: hidden_act: %w", ErrConfig, err)
	}
	return nil
}

// plan implements method.
func (c *BottleneckConfig) plan(e *backbone.Encoder, seed uint64) (*Change, error) {
	d := e.Config.Hidden
	if c.Size > d {
		return nil, fmt.Errorf("%w: size: got %d, want at most the %d of the encoder", ErrConfig, c.Size, d)
	}
	act, err := nn.ParseActivation(c.Activation)
	if err != nil {
		return nil, fmt.Errorf("%w: hidden_act: %w", ErrConfig, err)
	}
	own := *c
	change := &Change{Config: Config{Bottleneck: &own}}
	var on []*nn.Residual
	var all []*nn.Bottleneck
	add := func(l *nn.Residual, behind *nn.Linear) {
		b := nn.NewBottleneck(moduleName(behind)+".adapter", d, c.Size, act)
		b.Init(seed)
		on, all, change.params = append(on, l), append(all, b), append(change.params, b.Params()...)
	}
	for i := range e.Blocks {
		b := &e.Blocks[i]
		if c.Attention {
			add(b.Attend, b.Attention.Output)
		}
		add(b.Feed, b.FeedForward.Down)
	}
	change.ready = func() error {
		for _, l := range on {
			if l.Adapter != nil {
				return fmt.Errorf("peft: %s has a bottleneck already", l.Name())
			}
		}
		return nil
	}
	change.put = func() {
		for i, l := range on {
			l.Adapter = all[i]
		}
	}
	change.take = func() {
		for _, l := range on {
			l.Adapter = nil
		}
	}
	return change, nil
}
