package picture

import (
	"math"
	"testing"
)

func TestElementary(t *testing.T) {
	for x := -4.0; x <= 4; x += 1.0 / 128 {
		if got, want := sinPi(x), math.Sin(math.Pi*x); math.Abs(got-want) > 2e-15 {
			t.Errorf("sinPi(%v): got %v, want %v", x, got, want)
		}
	}
	for _, base := range []float64{0, 1e-9, 0.3, 1 / math.E, 1, 1.5, 7} {
		for _, e := range []float64{0, 1.0 / 3, 0.5, 1, 2.75, 5, 19.9} {
			if got, want := power(base, e), math.Pow(base, e); math.Abs(got-want) > 1e-9*want {
				t.Errorf("power(%v, %v): got %v, want %v", base, e, got, want)
			}
		}
	}
}
