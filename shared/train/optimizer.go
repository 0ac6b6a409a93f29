package train

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/shared/nn"
)

// An optimizer is what the loop and the checkpoints need of graph.AdamW.
type optimizer interface {
	Update(lr, gradScale float32) error
	Moments(i int) (m, v []float32)
	SetT(t int)
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

// gradNorm returns the Euclidean norm of all gradients together. The squares are exact in float64 and
// are added in one fixed order, so the norm is the same on every machine.
func gradNorm(params []*nn.Param) float64 {
	var total float64
	for _, p := range params {
		var lane [8]float64
		g := p.Grad
		for ; len(g) >= 8; g = g[8:] {
			for l := range lane {
				v := float64(g[l])
				lane[l] += float64(v * v)
			}
		}
		for l, x := range g {
			v := float64(x)
			lane[l] += float64(v * v)
		}
		for _, s := range lane {
			total += s
		}
	}
	return math.Sqrt(total)
}

// finite reports whether v is neither NaN nor infinite.
func finite(v float64) bool { return v-v == 0 }
