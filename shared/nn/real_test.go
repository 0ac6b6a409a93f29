package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
)

// TestReal holds Log and Pow to math's, within the rounding of a few dozen steps, and to the bits of the first release.
func TestReal(t *testing.T) {
	const tolerance = 1e-14
	near := func(got, want float64) bool {
		return math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
	}
	digest := uint64(0)
	for x := 1e-9; x < 1e9; x *= 1.3 {
		if got := nn.Log(x); !near(got, math.Log(x)) {
			t.Errorf("log %g: got %.17g, want %.17g", x, got, math.Log(x))
		}
		for _, p := range []float64{-1, -0.5, 0, 0.5, 0.75, 1} {
			got := nn.Pow(x, p)
			if want := math.Pow(x, p); math.Abs(got-want) > tolerance*want {
				t.Errorf("%g to the power of %g: got %.17g, want %.17g", x, p, got, want)
			}
			digest = digest*31 + math.Float64bits(got)
		}
	}
	if nn.Pow(0, 0.75) != 0 || nn.Pow(0, 0) != 1 {
		t.Errorf("powers of 0: got %g and %g, want 0 and 1", nn.Pow(0, 0.75), nn.Pow(0, 0))
	}
	if want := uint64(0x16b51343db6509d8); digest != want {
		t.Errorf("digest of the bits: got %#x, want %#x", digest, want)
	}
}

func ExamplePow() {
	fmt.Println(nn.Pow(16, 0.75), nn.Log(1))
	// Output: 8 0
}
