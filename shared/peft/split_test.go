package peft

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
)

// beside is a low-rank change that doesn't show that it is one.
type beside struct{ of *LoRA }

func (b beside) Params() []*nn.Param     { return b.of.Params() }
func (b beside) Adds() bool              { return true }
func (b beside) Merge(w, bias []float32) { b.of.Merge(w, bias) }
func (b beside) Forward(y, x []float32, n int, batch *nn.Batch) error {
	return b.of.Forward(y, x, n, batch)
}

func (b beside) Backward(dx, dy, x []float32, n int, batch *nn.Batch) error {
	return b.of.Backward(dx, dy, x, n, batch)
}

// TestSplit holds attention whose three projections have low-rank changes, and lie apart for that, to the one with queries, keys and values side by side: the output
// and every gradient, to the bit.
func TestSplit(t *testing.T) {
	for _, rotary := range []bool{false, true} {
		for _, lengths := range [][]int32{nil, {5, 0, 3}} {
			apart, together := attentionRun(t, rotary, lengths, true), attentionRun(t, rotary, lengths, false)
			for i := range apart {
				if !slices.Equal(apart[i], together[i]) {
					t.Errorf("rotary %t, lengths %v: array %d differs", rotary, lengths, i)
				}
			}
		}
	}
}

// attentionRun gives the output, the gradient of the input and those of the changes.
func attentionRun(t *testing.T, rotary bool, lengths []int32, low bool) [][]float32 {
	t.Helper()
	const d, b, length = 8, 3, 5
	a := nn.NewAttention("self", "out", d, 2)
	if rotary {
		a.Rotary = nn.NewRotary(length, d/2, 100)
	}
	for _, p := range a.Params() {
		copy(p.Value, draw(p.Name, len(p.Value)))
		p.Frozen = true
	}
	var changes []*nn.Param
	for i, l := range []*nn.Linear{a.Query, a.Key, a.Value} {
		change := newLoRA(fmt.Sprint("change", i), l, &LoRAConfig{Rank: 2, Alpha: 3})
		for _, p := range change.Params() {
			copy(p.Value, draw(p.Name, len(p.Value)))
		}
		changes = append(changes, change.Params()...)
		if l.Delta = change; !low {
			l.Delta = beside{change}
		}
	}
	var r nn.Rows
	if err := r.Set(&nn.Batch{B: b, T: length, Lengths: lengths, Train: true}); err != nil {
		t.Fatal(err)
	}
	x, dy := draw("x", r.N*d), draw("dy", r.N*d)
	y, dx := make([]float32, r.N*d), make([]float32, r.N*d)
	s := new(nn.Scratch)
	if err := a.Forward(y, x, &r, s); err != nil {
		t.Fatal(err)
	}
	if err := a.Backward(dx, dy, x, &r, false, s); err != nil {
		t.Fatal(err)
	}
	all := [][]float32{y, dx}
	for _, p := range changes {
		all = append(all, p.Grad)
	}
	return all
}
