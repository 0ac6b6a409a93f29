package classic

import (
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/random"
)

// TestNormalizedAngle holds the fast remainder to math.Mod's, bit for bit.
func TestNormalizedAngle(t *testing.T) {
	slow := func(x float64) float64 {
		m := math.Mod(x+math.Pi, 2*math.Pi)
		if m < 0 {
			m += 2 * math.Pi
		}
		return m - math.Pi
	}
	check := func(x float64) {
		t.Helper()
		if got, want := normalizedAngle(x), slow(x); math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("normalizedAngle(%v) = %v, want %v", x, got, want)
		}
	}
	s := random.New(random.Key(1, "angle"))
	for range 100000 {
		check((2*s.Float64() - 1) * 10)
		check((2*s.Float64() - 1) * 2e6)
	}
	for n := -3000; n <= 3000; n++ { // beside whole turns
		x := float64(n)*2*math.Pi - math.Pi
		for range 4 {
			check(x)
			x = math.Nextafter(x, math.Inf(1))
		}
		x = float64(n)*2*math.Pi - math.Pi
		for range 4 {
			x = math.Nextafter(x, math.Inf(-1))
			check(x)
		}
	}
}
