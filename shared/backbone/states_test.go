package backbone_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
)

// TestStates: states of one pass have the bits of an encoder that ends there, with and without padding, also where one takes the place of the input.
func TestStates(t *testing.T) {
	for name, c := range variants() {
		s := newEncoder(t, c).Snapshot()
		for _, after := range [][]int{{0}, {c.Layers}, {1}, {0, c.Layers}, {1, 2}, {0, 1, c.Layers}} {
			for _, lengths := range [][]int32{nil, {7, 3}} {
				b := &nn.Batch{B: 2, T: 7, Lengths: lengths}
				x := noise(4, 2*7*c.Hidden)
				y := make([][]float32, len(after))
				for i := range y {
					y[i] = make([]float32, len(x))
				}
				in := y[len(y)-1]
				copy(in, x)
				if err := s.States(y, after, in, b); err != nil {
					t.Fatal(err)
				}
				for i, k := range after {
					first, err := s.First(k)
					if err != nil {
						t.Fatal(err)
					}
					want := make([]float32, len(x))
					if err := first.Forward(want, x, b); err != nil {
						t.Fatal(err)
					}
					if !slices.Equal(y[i], want) {
						t.Errorf("%s, states %d, lengths %v: state %d differs from an encoder of as many blocks", name, after, lengths, k)
					}
				}
			}
		}
	}
}

func TestStatesErrors(t *testing.T) {
	s := newEncoder(t, variants()["rotary"]).Snapshot()
	x := make([]float32, 48)
	two := [][]float32{make([]float32, 48), make([]float32, 48)}
	b := &nn.Batch{B: 1, T: 1}
	for _, after := range [][]int{nil, {1}, {-1, 0}, {1, 1}, {2, 1}, {0, 3}} {
		if err := s.States(two, after, x, b); err == nil {
			t.Errorf("%d: got no error", after)
		}
	}
	for name, err := range map[string]error{
		"none":     s.States(nil, nil, x, b),
		"output":   s.States([][]float32{two[0], x[1:]}, []int{0, 1}, x, b),
		"input":    s.States(two, []int{0, 1}, x[1:], b),
		"position": s.States(two, []int{0, 1}, x, &nn.Batch{B: 1, T: 1, Positions: []int32{-1}}),
	} {
		if err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	if err := s.States(two, []int{0, 2}, x, b); err != nil {
		t.Error(fmt.Errorf("after errors: %w", err))
	}
}
