package nn

import (
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/random"
)

// TestStandardize holds mean, variance and the way back; rows that are all alike become zeros.
func TestStandardize(t *testing.T) {
	const n, d = 50, 3
	r := random.New(1)
	x := make([]float32, n*d)
	for i := range x {
		x[i] = float32(5*r.Normal()) + float32(i%d)
	}
	was := append([]float32(nil), x...)
	mean, std := Standardize(x, n, d)
	var squares float64
	for j := range d {
		var sum float64
		for i := j; i < len(x); i += d {
			sum += float64(x[i])
		}
		if math.Abs(sum/n) > 1e-6 {
			t.Errorf("direction %d has a mean of %g, want 0", j, sum/n)
		}
	}
	for i, v := range x {
		squares += float64(v) * float64(v)
		if back := v*std + mean[i%d]; math.Abs(float64(back-was[i])) > 1e-5 {
			t.Errorf("value %d: %g times %g plus %g is %g, want %g", i, v, std, mean[i%d], back, was[i])
		}
	}
	if variance := squares / (n * d); math.Abs(variance-1) > 1e-6 {
		t.Errorf("the variance is %g, want 1", variance)
	}
	alike := []float32{2, 3, 2, 3}
	if mean, std := Standardize(alike, 2, 2); mean[0] != 2 || mean[1] != 3 || std != 1 || alike[0] != 0 || alike[3] != 0 {
		t.Errorf("equal rows: got %v, %g, %v", mean, std, alike)
	}
}
