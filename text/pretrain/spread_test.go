package pretrain

import (
	"math"
	"testing"
)

// TestSpread knows the answers: equal rows, opposite ones, rows on a line, rows along all axes.
func TestSpread(t *testing.T) {
	axes := []float32{1, 0, 0, 0, 1, 0, 0, 0, 1}
	both := append(append([]float32(nil), axes...), -1, 0, 0, 0, -1, 0, 0, 0, -1)
	for name, c := range map[string]struct {
		x            []float32
		d            int
		cosine, rank float64
	}{
		"equal":           {[]float32{1, 2, 3, 1, 2, 3, 1, 2, 3}, 3, 1, 0},
		"of one ray":      {[]float32{1, 2, 3, 2, 4, 6, 5, 10, 15}, 3, 1, 1},
		"opposite":        {[]float32{1, 2, -1, -2}, 2, -1, 1},
		"at right angles": {axes, 3, 0, 2}, // three points lie in a plane
		"along all axes":  {both, 3, -0.2, 3},
		"one is zero":     {[]float32{0, 0, 1, 1, 1, 1}, 2, 1.0 / 3, 1},
	} {
		n := len(c.x) / c.d
		got := meanCosine(c.x, n, c.d)
		if name == "one is zero" { // it has no direction: its own product isn't 1
			got += 1.0 / float64(n*n-n)
		}
		if math.Abs(got-c.cosine) > 1e-6 {
			t.Errorf("%s: mean cosine %g, want %g", name, got, c.cosine)
		}
		if got := participation(c.x, n, c.d); math.Abs(got-c.rank) > 1e-5 {
			t.Errorf("%s: rank %g, want %g", name, got, c.rank)
		}
	}
}
