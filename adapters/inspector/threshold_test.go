package inspector

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/random"
)

// TestConformalRate: over many draws of good pictures the share of further good pictures above the threshold is at most the rate, and not far below it.
func TestConformalRate(t *testing.T) {
	for _, c := range []struct {
		n    int
		rate float64
	}{{99, 0.01}, {100, 0.01}, {20, 0.05}, {150, 0.02}, {9, 0.1}, {50, 0.5}} {
		const runs = 20000
		s := random.New(random.Key(uint64(c.n), "conformal"))
		scores := make([]float32, c.n)
		alarms := 0
		for range runs {
			for i := range scores {
				scores[i] = float32(s.Normal())
			}
			threshold, err := Conformal(scores, c.rate)
			if err != nil {
				t.Fatal(err)
			}
			if float32(s.Normal()) > threshold {
				alarms++
			}
		}
		got, sd := float64(alarms)/runs, math.Sqrt(c.rate*(1-c.rate)/runs)
		if got > c.rate+4*sd || got < c.rate-1/float64(c.n+1)-4*sd {
			t.Errorf("%d pictures, rate %g: got %g", c.n, c.rate, got)
		}
	}
}

func TestConformalNeeds(t *testing.T) {
	for rate, want := range map[float64]int{0.01: 99, 0.05: 19, 0.1: 9, 0.001: 999, 0.3: 3, 0.5: 1, 0.03: 33} {
		if got := PicturesNeeded(rate); got != want {
			t.Errorf("rate %g: got %d, want %d", rate, got, want)
		}
		if _, err := Conformal(make([]float32, want), rate); err != nil {
			t.Errorf("rate %g: %d pictures: %v", rate, want, err)
		}
		_, err := Conformal(make([]float32, want-1), rate)
		if !errors.Is(err, ErrFewPictures) {
			t.Errorf("rate %g: %d pictures: got %v, want ErrFewPictures", rate, want-1, err)
		}
	}
	_, err := Conformal(make([]float32, 20), 0.01)
	if err == nil || !strings.Contains(err.Error(), "got 20, want at least 99") || !strings.Contains(err.Error(), "0.0476") {
		t.Errorf("got %v", err)
	}
	for _, rate := range []float64{0, 1, -1, math.NaN()} {
		if _, err := Conformal(make([]float32, 200), rate); err == nil {
			t.Errorf("rate %g: no error", rate)
		}
	}
	if _, err := Conformal([]float32{1, float32(math.NaN()), 2}, 0.5); err == nil {
		t.Error("NaN: no error")
	}
}

// TestConformalTies: equal scores are no alarms.
func TestConformalTies(t *testing.T) {
	threshold, err := Conformal([]float32{1, 1, 1, 1, 1}, 0.2)
	if err != nil || threshold != 1 {
		t.Errorf("got %g, %v, want 1, above which nothing lies", threshold, err)
	}
	threshold, err = Conformal([]float32{5, 1, 4, 2, 3, 6, 7, 8, 9}, 0.2) // the 8th of 9
	if err != nil || threshold != 8 {
		t.Errorf("got %g, %v, want 8", threshold, err)
	}
}
