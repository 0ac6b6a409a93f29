package pretrain

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/kernels"
)

// TestGeneratorSizes: a fraction keeps heads whole and of even size; sizes of its own have feed-forward layers of four times the width.
func TestGeneratorSizes(t *testing.T) {
	encoder := backbone.Config{Hidden: 256, Layers: 4, Heads: 4, Intermediate: 1024, PositionKind: "rotary"}.Defaults()
	for _, c := range []struct {
		g                                   Generator
		hidden, heads, layers, intermediate int
	}{
		{Generator{Fraction: 0.25}, 64, 1, 4, 256},
		{Generator{Fraction: 0.5}, 128, 2, 4, 512},
		{Generator{Fraction: 1}, 256, 4, 4, 1024},
		{Generator{Fraction: 0.3, Layers: 2}, 76, 1, 2, 307},
		{Generator{Fraction: 0.001}, 2, 1, 4, 1},
		{Generator{Hidden: 48, Heads: 3, Layers: 1}, 48, 3, 1, 192},
	} {
		got, err := c.g.backbone(encoder)
		if err != nil || got.Hidden != c.hidden || got.Heads != c.heads || got.Layers != c.layers || got.Intermediate != c.intermediate {
			t.Errorf("%+v: got %d wide, %d heads, %d layers, %d hidden, %v, want %d, %d, %d, %d", c.g, got.Hidden, got.Heads, got.Layers, got.Intermediate, err, c.hidden, c.heads, c.layers, c.intermediate)
		}
	}
}

// TestProposals: what is proposed for a sample doesn't depend on the batch that it is in, its padding or the number of workers, and what is
// called replaced is what differs from the text.
func TestProposals(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	c := testConfig(t)
	c.Model.Dropout, c.Model.AttentionDropout = 0.1, 0.1
	c.Contrastive, c.Replaced, c.Short, c.Batch = nil, &Replaced{Share: 1, Rate: 0.3, Weight: 50, Generator: Generator{Fraction: 0.5}}, 0.8, 6
	s := testSource(t, c)
	made, _, err := newReplaced(s)
	if err != nil {
		t.Fatal(err)
	}
	o := made.(*replaced)
	for _, p := range o.params() {
		p.Init(1)
	}
	whole, err := o.batch(place{micro: 3})
	if err != nil {
		t.Fatal(err)
	}
	whole.nn.Train = true
	if _, err := o.propose(whole); err != nil {
		t.Fatal(err)
	}
	ids, replaced := slices.Clone(o.ids), slices.Clone(o.loss.Replaced)
	text := slices.Clone(whole.ids)
	for i, p := range whole.positions {
		text[p] = whole.targets[i]
	}
	for i := range text {
		if replaced[i] != (ids[i] != text[i]) {
			t.Fatalf("token %d: got %d for %d, replaced %t", i, ids[i], text[i], replaced[i])
		}
	}
	width := whole.nn.T
	for i, n := range whole.nn.Lengths { // each sample alone, without padding
		kernels.SetWorkers(1 + i%3)
		b := newBatch(1, int(n))
		b.add(whole.ids[i*width:][:n], 0, whole.nn.Keys[i])
		b.nn.Train = true
		for j, p := range whole.positions {
			if int(p)/width == i {
				b.positions, b.targets = append(b.positions, p%int32(width)), append(b.targets, whole.targets[j])
			}
		}
		if _, err := o.propose(b); err != nil {
			t.Fatal(err)
		}
		if want := ids[i*width:][:n]; !slices.Equal(o.ids, want) {
			t.Errorf("sample %d alone: got %s, want %s", i, fmt.Sprint(o.ids), fmt.Sprint(want))
		}
	}
}
