package nn

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

type ridgeCase struct {
	N, D, C int
	X       []float32
	Y       []int32
	Penalty float64
	Squared float64
	W, B    []float64
	Classes []int
}

// TestRidge holds weights, the penalty chosen and the error of leaving one out to scikit-learn's RidgeCV, and classes to its RidgeClassifier.
func TestRidge(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "ridge.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []ridgeCase
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		targets := make([]float32, c.N*c.C)
		for j := range targets {
			targets[j] = -1
			if int(c.Y[j/c.C]) == j%c.C {
				targets[j] = 1
			}
		}
		l := NewLinear("l", c.D, c.C)
		f, err := RidgeRegression(l, append([]float32(nil), c.X...), targets, c.N, 0)
		if err != nil {
			t.Fatal(err)
		}
		if f.Penalty != c.Penalty || math.Abs(f.Squared-c.Squared) > 1e-4*c.Squared {
			t.Errorf("case %d: got penalty %g with error %g, want %g with %g", i, f.Penalty, f.Squared, c.Penalty, c.Squared)
		}
		most := 0.0
		for _, w := range c.W {
			most = max(most, math.Abs(w))
		}
		for j, w := range c.W {
			if math.Abs(float64(l.W.Value[j])-w) > 1e-4*most {
				t.Fatalf("case %d: weight %d: got %g, want %g", i, j, l.W.Value[j], w)
			}
		}
		for j, b := range c.B {
			if math.Abs(float64(l.B.Value[j])-b) > 2e-4 {
				t.Errorf("case %d: intercept %d: got %g, want %g", i, j, l.B.Value[j], b)
			}
		}
		if _, err := RidgeClassifier(l, append([]float32(nil), c.X...), c.Y, 0.1); err != nil {
			t.Fatal(err)
		}
		z := make([]float32, c.N*c.C)
		if err := l.Forward(z, c.X, c.N, nil); err != nil {
			t.Fatal(err)
		}
		for r, want := range c.Classes {
			best := 0
			for k := range c.C {
				if z[r*c.C+k] > z[r*c.C+best] {
					best = k
				}
			}
			if best != want {
				t.Errorf("case %d: vector %d: got class %d, want %d", i, r, best, want)
			}
		}
	}
}

func TestRidgeRefuses(t *testing.T) {
	x, y := []float32{1, 2, 3, 4}, []float32{1, 0}
	for name, try := range map[string]func() error{
		"one vector": func() error { _, err := RidgeRegression(NewLinear("l", 2, 1), x[:2], y[:1], 1, 1); return err },
		"width":      func() error { _, err := RidgeRegression(NewLinear("l", 3, 1), x, y, 2, 1); return err },
		"targets":    func() error { _, err := RidgeRegression(NewLinear("l", 2, 2), x, y, 2, 1); return err },
		"penalty":    func() error { _, err := RidgeRegression(NewLinear("l", 2, 1), x, y, 2, -1); return err },
		"no penalty": func() error { _, err := RidgeRegression(NewLinear("l", 2, 1), x, y, 2, math.NaN()); return err },
		"not finite": func() error {
			_, err := RidgeRegression(NewLinear("l", 2, 1), []float32{1, 2, 3, float32(math.NaN())}, y, 2, 1)
			return err
		},
		"class": func() error { _, err := RidgeClassifier(NewLinear("l", 2, 2), x, []int32{0, 2}, 1); return err },
		"of no class": func() error {
			_, err := RidgeClassifier(NewLinear("l", 2, 2), x, []int32{0, IgnoreLabel}, 1)
			return err
		},
	} {
		if try() == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

// TestRidgeSameVectors: vectors that are all alike have nothing to learn from, so the mean is predicted.
func TestRidgeSameVectors(t *testing.T) {
	l := NewLinear("l", 2, 1)
	if _, err := RidgeRegression(l, []float32{3, 4, 3, 4, 3, 4}, []float32{1, 2, 6}, 3, 0); err != nil {
		t.Fatal(err)
	}
	if l.W.Value[0] != 0 || l.W.Value[1] != 0 || l.B.Value[0] != 3 {
		t.Errorf("got weights %v and intercept %v, want zeros and 3", l.W.Value, l.B.Value)
	}
}
