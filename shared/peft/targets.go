package peft

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

// AllLinear as the only target means every linear layer inside the blocks.
const AllLinear = "all-linear"

// targets are ends of the names of layers, such as query, or AllLinear alone.
type targets []string

func (ts targets) validate(field string) error {
	if len(ts) == 0 {
		return fmt.Errorf("%w: %s: got none, want the ends of names of layers, or %s", ErrConfig, field, AllLinear)
	}
	for _, t := range ts {
		if t == "" || t == AllLinear && len(ts) > 1 {
			return fmt.Errorf("%w: %s: got %q, want ends of names of layers, or %s alone", ErrConfig, field, []string(ts), AllLinear)
		}
	}
	return nil
}

// match says whether the layer of the given name is meant, and which target says so; "" for none.
func (ts targets) match(name string) string {
	for _, t := range ts {
		if t == AllLinear || name == t || strings.HasSuffix(name, "."+t) {
			return t
		}
	}
	return ""
}

// layers are those of e that are meant, in the order of the blocks. Every target must be there.
func (ts targets) layers(e *backbone.Encoder, field string) ([]*nn.Linear, error) {
	var all []*nn.Linear
	var used []string
	for _, l := range linears(e) {
		if t := ts.match(moduleName(l)); t != "" {
			all, used = append(all, l), append(used, t)
		}
	}
	for _, t := range ts {
		if !slices.Contains(used, t) {
			return nil, fmt.Errorf("%w: %s: no layer is called %s, want some of %s", ErrConfig, field, t, strings.Join(modules(e), ", "))
		}
	}
	return all, nil
}

// modules are the targets as PEFT finds them: AllLinear stands for every linear layer of a block.
func (ts targets) modules(e *backbone.Encoder) []string {
	if slices.Contains(ts, AllLinear) {
		return modules(e)
	}
	return ts
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
