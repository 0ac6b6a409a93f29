package head

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/nn"
)

// TestNeighbours holds probabilities to scikit-learn's KNeighborsClassifier.
func TestNeighbours(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "knn.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		N, D, C, K int
		X, Q       []float32
		Y          []int32
		P          []float64
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		h := NewNeighbours(c.N, c.D, c.C, c.K)
		if err := h.Fit(c.X, c.Y); err != nil {
			t.Fatal(err)
		}
		n := len(c.Q) / c.D
		nn.UnitRows(c.Q, n, c.D)
		together, alone := make([]float32, n*c.C), make([]float32, c.C)
		h.Vote(together, together, c.Q, n)
		for r := range n {
			h.Vote(alone, alone, c.Q[r*c.D:(r+1)*c.D], 1)
			if !slices.Equal(alone, together[r*c.C:(r+1)*c.C]) {
				t.Errorf("case %d: row %d: got %v alone, %v in a batch", i, r, alone, together[r*c.C:(r+1)*c.C])
			}
		}
		for j, want := range c.P {
			if math.Abs(float64(together[j])-want) > 1e-5 {
				t.Errorf("case %d: probability %d: got %g, want %g", i, j, together[j], want)
			}
		}
	}
}

// TestNeighboursChoose: of two vectors of each class and far noise, the nearest one is always right, and more votes are not.
func TestNeighboursChoose(t *testing.T) {
	x := []float32{1, 0.01, 1, 0.02, 0.02, 1, 0.01, 1, -1, 0.01, -1, 0.02}
	h := NewNeighbours(6, 2, 3, 0)
	if err := h.Fit(x, []int32{0, 0, 1, 1, 2, 2}); err != nil {
		t.Fatal(err)
	}
	if h.K != 1 {
		t.Errorf("got %d neighbours, want 1", h.K)
	}
	p := make([]float32, 3)
	h.Vote(p, p, []float32{0, 1}, 1)
	if p[1] != 1 {
		t.Errorf("got %v, want class 1 alone", p)
	}
}

func TestNeighboursRefuse(t *testing.T) {
	h := NewNeighbours(3, 2, 2, 4)
	if err := h.Fit(make([]float32, 6), []int32{0, 1, 1}); err == nil {
		t.Error("more neighbours than vectors passed")
	}
	h = NewNeighbours(3, 2, 2, 1)
	if err := h.Fit(make([]float32, 4), []int32{0, 1}); err == nil {
		t.Error("too few vectors passed")
	}
	for _, class := range []float32{-1, 2, 0.5, float32(math.NaN())} {
		h := NewNeighbours(3, 2, 2, 1)
		h.Classes.Value[1] = class
		s := Settings{Stored: 3, K: 1, Normalize: true}
		if err := (Layer{Near: h}).Check([]string{"a", "b"}, &s); !errors.Is(err, adapter.ErrTensors) {
			t.Errorf("class %g: got %v, want ErrTensors", class, err)
		}
	}
	p := &adapter.Passport{Labels: []string{"a", "b"}}
	for _, s := range []Settings{
		{Stored: 3, Normalize: true},
		{K: 1, Normalize: true},
		{Stored: 3, K: 4, Normalize: true},
		{Stored: -3, K: 1, Normalize: true},
		{Stored: 3, K: -1, Normalize: true},
		{Stored: 1, K: 1, Normalize: true},
		{Stored: 3, K: 1},
		{Stored: 1 << 40, K: 1, Normalize: true},
	} {
		if _, err := For(p, &s, 2); !errors.Is(err, adapter.ErrPassport) {
			t.Errorf("%+v: got %v, want ErrPassport", s, err)
		}
	}
}
