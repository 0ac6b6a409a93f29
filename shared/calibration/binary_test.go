package calibration

import (
	"errors"
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/random"
)

// TestBinary: from answers whose chance to be right is known the same chance is learnt, also where margins are large or the answers all right.
func TestBinary(t *testing.T) {
	for _, w := range []Binary{{Scale: 1, Shift: 0}, {Scale: 0.02, Shift: -1}, {Scale: 0, Shift: 1}, {Scale: -2, Shift: 3}} {
		r := random.New(5)
		margins, right := make([]float64, 4000), make([]bool, 4000)
		for i := range margins {
			margins[i] = r.Normal() * 2
			if w.Scale == 0.02 {
				margins[i] *= 50
			}
			right[i] = r.Float64() < w.Confidence(margins[i])
		}
		got, err := FitBinary(margins, right)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []float64{-2, 0, 1.5} {
			if w.Scale == 0.02 {
				m *= 50
			}
			if a, b := got.Confidence(m), w.Confidence(m); math.Abs(a-b) > 0.04 {
				t.Errorf("%+v at %g: got %g, want %g", w, m, a, b)
			}
		}
	}
	all := make([]bool, Least)
	for i := range all {
		all[i] = true
	}
	got, err := FitBinary(make([]float64, Least), all)
	if c := got.Confidence(0); err != nil || math.Abs(c-float64(Least+1)/float64(Least+2)) > 1e-3 {
		t.Errorf("all right: got %g, %v", c, err)
	}
	if _, err := FitBinary(make([]float64, 3), make([]bool, 3)); !errors.Is(err, ErrFew) {
		t.Errorf("got %v, want ErrFew", err)
	}
	if _, err := FitBinary([]float64{math.NaN()}, nil); err == nil {
		t.Error("want an error for lengths that differ")
	}
	if err := (&Binary{Scale: math.Inf(1)}).Validate(); !errors.Is(err, ErrSettings) {
		t.Errorf("got %v, want ErrSettings", err)
	}
}
