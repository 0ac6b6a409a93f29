package train

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
)

// Names of optimizers.
const (
	AdamW = "adamw"
	Muon  = "muon" // of the encoder's hidden matrices; AdamW of the rest
)

// NewOptimizer returns the optimizer that c names, with moments of zero.
func NewOptimizer(params []*nn.Param, c Config) graph.Optimizer {
	adamw := graph.AdamWConfig{Beta1: float32(c.Beta1), Beta2: float32(c.Beta2), Eps: float32(c.Eps), WeightDecay: float32(c.WeightDecay)}
	if c.Optimizer == Muon {
		return graph.NewMuon(params, graph.MuonConfig{AdamW: adamw})
	}
	return graph.NewAdamW(params, adamw)
}

// trainable returns the parameters that are not frozen, each once, with gradients of zero.
func trainable(all []*nn.Param) ([]*nn.Param, error) {
	var params []*nn.Param
	seen := map[*nn.Param]bool{}
	names := map[string]bool{}
	for _, p := range all {
		if p.Frozen || seen[p] {
			continue
		}
		if names[p.Name] {
			return nil, fmt.Errorf("train: two parameters are called %q", p.Name)
		}
		seen[p], names[p.Name] = true, true
		p.NeedGrad()
		clear(p.Grad)
		params = append(params, p)
	}
	if len(params) == 0 {
		return nil, fmt.Errorf("train: every parameter is frozen")
	}
	return params, nil
}

// finite reports whether v is neither NaN nor infinite.
func finite(v float64) bool { return v-v == 0 }
