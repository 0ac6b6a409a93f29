package peft

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

// Attach puts a change by c on every linear layer of e's blocks that c targets, with initial values by seed that leave the encoder's answers as they
// are, and returns them in the order of the blocks. The encoder's own parameters are frozen. Every target must be there, and no layer
// may have a change yet.
func Attach(e *backbone.Encoder, c Config, seed uint64) ([]*LoRA, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	var on []*nn.Linear
	var changes []*LoRA
	var used []string
	for _, l := range linears(e) {
		name := moduleName(l)
		t := c.target(name)
		if t == "" {
			continue
		}
		if l.Delta != nil {
			return nil, fmt.Errorf("peft: %s has a change already", name)
		}
		if most := min(l.In(), l.Out()); c.Rank > most {
			return nil, fmt.Errorf("%w: r: got %d, want at most the %d of %s", ErrConfig, c.Rank, most, name)
		}
		d := newLoRA(name, l, &c)
		d.Init(seed)
		on, changes, used = append(on, l), append(changes, d), append(used, t)
	}
	for _, t := range c.Targets {
		if !slices.Contains(used, t) {
			return nil, fmt.Errorf("%w: target_modules: no layer is called %s, want some of %s", ErrConfig, t, strings.Join(modules(e), ", "))
		}
	}
	for _, p := range e.Params() {
		p.Frozen = true
	}
	for i, l := range on {
		l.Delta = changes[i]
	}
	return changes, nil
}

// Detach takes every change off e and thaws its parameters.
func Detach(e *backbone.Encoder) {
	for _, l := range linears(e) {
		l.Delta = nil
	}
	for _, p := range e.Params() {
		p.Frozen = false
	}
}

// Merge adds every change into the weights of its layer and takes it off. The parameters are thawed.
func Merge(e *backbone.Encoder) {
	for _, l := range linears(e) {
		if l.Delta == nil {
			continue
		}
		var bias []float32
		if l.B != nil {
			bias = l.B.Value
		}
		l.Delta.Merge(l.W.Value, bias)
	}
	Detach(e)
}

// Params lists the parameters of changes.
func Params(changes []*LoRA) []*nn.Param {
	var all []*nn.Param
	for _, l := range changes {
		all = append(all, l.Params()...)
	}
	return all
}

// linears are the linear layers inside the blocks.
func linears(e *backbone.Encoder) []*nn.Linear {
	var all []*nn.Linear
	for i := range e.Blocks {
		b := &e.Blocks[i]
		all = append(all, b.Attention.Query, b.Attention.Key, b.Attention.Value, b.Attention.Output, b.FeedForward.Up)
		if b.FeedForward.Gate != nil {
			all = append(all, b.FeedForward.Gate)
		}
		all = append(all, b.FeedForward.Down)
	}
	return all
}

// moduleName is the layer's name in transformers: that of its weights without the end.
func moduleName(l *nn.Linear) string { return strings.TrimSuffix(l.W.Name, ".weight") }

// blockNumber matches what a layer's name has before its name in the block.
var blockNumber = regexp.MustCompile(`^.*\.\d+\.`)

// modules lists what layers may be targeted by, without the numbers of the blocks.
func modules(e *backbone.Encoder) []string {
	var all []string
	for _, l := range linears(e) {
		name := blockNumber.ReplaceAllString(moduleName(l), "")
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}
