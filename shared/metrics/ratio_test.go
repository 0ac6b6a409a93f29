package metrics

import (
	"errors"
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/random"
)

// TestResample: over means it is the paired bootstrap, and a quotient of sums is not the mean of quotients.
func TestResample(t *testing.T) {
	const seeds, n = 3, 60
	s := random.New(4)
	a, b := make([][]float64, seeds), make([][]float64, seeds)
	ra, rb := make([][]Ratio, seeds), make([][]Ratio, seeds)
	for k := range a {
		for range n {
			a[k], b[k] = append(a[k], s.Normal()+0.3), append(b[k], s.Normal())
		}
		ra[k], rb[k] = Ratios(a[k]), Ratios(b[k])
	}
	want, err := PairedBootstrap(a, b, 1)
	if err != nil {
		t.Fatal(err)
	}
	x, err := Resample(ra, 1)
	if err != nil {
		t.Fatal(err)
	}
	y, err := Resample(rb, 1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := x.Minus(y).Interval()
	if err != nil || !near(got.Mean, want.Mean) || !near(got.Low, want.Low) || !near(got.High, want.High) {
		t.Errorf("got %+v, %v, want the paired bootstrap's %+v", got, err, want)
	}
	items := []Ratio{{1, 1}, {0, 3}, {2, 2}}
	if got := Score(items); got != 0.5 {
		t.Errorf("score %v, want 3 of 6", got)
	}
	if got := Score([]Ratio{{0, 0}}); got != 0 {
		t.Errorf("nothing of nothing: %v, want 0", got)
	}
	one, err := Resample([][]Ratio{items, items}, 7)
	if err != nil || one.Mean != 0.5 || len(one.Draws) != Resamples {
		t.Errorf("got mean %v of %d draws, %v", one.Mean, len(one.Draws), err)
	}
	for _, d := range one.Draws {
		if math.IsNaN(d) || d < 0 || d > 1 {
			t.Fatalf("a draw of %v", d)
		}
	}
	if _, err := Resample(nil, 1); !errors.Is(err, ErrEmpty) {
		t.Errorf("nothing: got %v, want ErrEmpty", err)
	}
	if _, err := Resample([][]Ratio{items, items[:2]}, 1); err == nil {
		t.Error("seeds with different items are accepted")
	}
}
