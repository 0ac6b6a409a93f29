package peft

import (
	"slices"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

// inPlace is a change that gives parameters of the encoder other values. It keeps those of the side that isn't there.
func inPlace(c Config, params []*nn.Param) *Change {
	other := make([][]float32, len(params))
	for i, p := range params {
		other[i] = slices.Clone(p.Value)
	}
	swap := func() {
		for i, p := range params {
			for j, v := range p.Value {
				p.Value[j], other[i][j] = other[i][j], v
			}
		}
	}
	return &Change{Config: c, params: params, put: swap, take: swap}
}

// own lists the parameters of e that belong to no change.
func own(e *backbone.Encoder) []*nn.Param {
	var all []*nn.Param
	add := func(params ...*nn.Param) {
		for _, p := range params {
			if p != nil {
				all = append(all, p)
			}
		}
	}
	norm := func(l *nn.LayerNorm) {
		if l != nil {
			add(l.Params()...)
		}
	}
	for i := range e.Blocks {
		b := &e.Blocks[i]
		for _, l := range linears(&backbone.Encoder{Blocks: e.Blocks[i : i+1]}) {
			add(l.W, l.B)
		}
		norm(b.Attend.Norm)
		norm(b.Feed.Norm)
	}
	if e.Final != nil {
		add(e.Final.Params()...)
	}
	return all
}
