package rl

import (
	"errors"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// TestContinue holds that steps that are read behind others get the bits of reading all at once, whatever is read together, and again after Forget.
func TestContinue(t *testing.T) {
	const steps = 6
	for name, e := range map[string]Environment{
		"numbers":  {ID: "X-v0", Observation: []int{5}, Actions: 3, Mean: []float32{1, 2, 3, 4, 5}, Std: []float32{1, 2, 1, 2, 1}, ReturnScale: 9},
		"pictures": {ID: "X-v0", Observation: []int{8, 8, 3}, Patch: 4, Low: []float32{-1, 0}, High: []float32{1, 2}},
	} {
		m, err := New(Config{Config: backbone.Config{Hidden: 32, Layers: 2, Heads: 2, Intermediate: 64}, Context: steps, Environments: []Environment{e}}, 5)
		if err != nil {
			t.Fatal(err)
		}
		s, r := m.Snapshot(), random.New(3)
		draw := func(n int) []float32 {
			x := make([]float32, n)
			for i := range x {
				x[i] = float32(r.IntN(3))
			}
			return x
		}
		o, a := e.Size(), e.ActionSize()
		all := Window{Parts: Returns | Observations | Actions, K: steps, Returns: draw(steps), Observations: draw(steps * o), Actions: draw(steps * a)}
		want := make([]float32, all.Tokens()*32)
		if err := s.Encode(want, 0, &all, &nn.Batch{B: 1, T: all.Tokens(), Causal: true}); err != nil {
			t.Fatal(err)
		}
		memory, y := s.NewMemory(), make([]float32, 32)
		for _, ends := range [][]int{{2, 5, 8, 11, 14, 17}, {1, 2, 3, 4, 9, 18}, {17}, {7, 8, 18}} {
			memory.Forget()
			for _, end := range ends {
				k := (end + 2) / 3
				w := Window{Parts: all.Parts, K: k, Returns: all.Returns[:k], Observations: all.Observations[:k*o], Actions: all.Actions[:k*a]}
				if err := s.Continue(y, 0, &w, end, memory); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(y, want[(end-1)*32:end*32]) || memory.Len() != end {
					t.Errorf("%s: %v: token %d: got other values than at once, or %d tokens", name, ends, end-1, memory.Len())
				}
			}
		}
		short := all
		short.Observations = short.Observations[1:]
		other := m.Snapshot().NewMemory()
		memory.Forget()
		for what, f := range map[string]func() error{
			"nothing new":     func() error { return s.Continue(y, 0, &all, 0, memory) },
			"too many":        func() error { return s.Continue(y, 0, &all, 19, memory) },
			"a step too many": func() error { return s.Continue(y, 0, &all, 15, memory) },
			"numbers":         func() error { return s.Continue(y, 0, &short, 18, memory) },
			"no parts":        func() error { return s.Continue(y, 0, &Window{K: steps}, 1, memory) },
			"another model":   func() error { return s.Continue(y, 0, &all, 18, other) },
			"room":            func() error { return s.Continue(y[1:], 0, &all, 18, memory) },
		} {
			if err := f(); !errors.Is(err, ErrShapeMismatch) {
				t.Errorf("%s: %s: got %v, want %v", name, what, err, ErrShapeMismatch)
			}
		}
		if err := s.Continue(y, 1, &all, 18, memory); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: got %v, want %v", name, err, ErrUnknown)
		}
	}
}
