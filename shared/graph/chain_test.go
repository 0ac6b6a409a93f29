package graph

import (
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
)

// TestKey: batches that differ in what a program depends on have different keys.
func TestKey(t *testing.T) {
	w := nn.NewParam("w", 1)
	c := chain{layers: []nn.Sublayer{&keyed{params: []*nn.Param{w}}}, shapes: [][]int{{2, 3}}}
	plain := nn.Batch{B: 2, T: 3}
	seen := map[string]string{}
	add := func(name string, b nn.Batch, first int) {
		key := string(c.key(nil, &b, first))
		if other, ok := seen[key]; ok {
			t.Errorf("%s has the key of %s", name, other)
		}
		seen[key] = name
	}
	add("plain", plain, 0)
	add("samples", nn.Batch{B: 3, T: 3}, 0)
	add("length", nn.Batch{B: 2, T: 4}, 0)
	add("padded", nn.Batch{B: 2, T: 3, Lengths: []int32{3, 2}}, 0)
	add("causal", nn.Batch{B: 2, T: 3, Causal: true}, 0)
	add("first", plain, 1)
	w.Frozen = true
	add("frozen", plain, 0)
	c.shapes[0] = []int{3, 2}
	add("shape", plain, 0)
}

// keyed is a sublayer that has parameters only.
type keyed struct {
	nn.Sublayer
	params []*nn.Param
}

func (k *keyed) Params() []*nn.Param { return k.params }
