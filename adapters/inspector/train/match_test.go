package train

import (
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/random"
)

func box(x, y, w, h float64) metrics.Box {
	return metrics.Box{XMin: x, YMin: y, XMax: x + w, YMax: y + h}
}

func TestMatch(t *testing.T) {
	b := Boxes{
		Images: 2,
		Truth:  []metrics.TrueBox{{Image: 0, Class: "a", Box: box(0, 0, 10, 10)}, {Image: 0, Class: "b", Box: box(50, 0, 10, 10)}, {Image: 1, Class: "a", Box: box(0, 0, 10, 10)}},
		Found: []metrics.FoundBox{
			{Image: 0, Class: "b", Box: box(1, 0, 10, 10), Score: 3},  // found, by another name
			{Image: 0, Class: "a", Box: box(0, 0, 10, 10), Score: 2},  // it has been found
			{Image: 0, Class: "b", Box: box(50, 0, 10, 4), Score: 4},  // found and named
			{Image: 1, Class: "a", Box: box(8, 0, 10, 10), Score: 9},  // too far off
			{Image: 1, Class: "a", Box: box(90, 0, 10, 10), Score: 1}, // nothing there
		},
	}
	m := b.Match(0, 0.33)
	if want := []bool{true, true, false}; !slices.Equal(m.Hit, want) {
		t.Errorf("hit: got %v, want %v", m.Hit, want)
	}
	if want := []bool{false, true, false}; !slices.Equal(m.Named, want) {
		t.Errorf("named: got %v, want %v", m.Named, want)
	}
	if want := []bool{false, true, false, true, true}; !slices.Equal(m.False, want) {
		t.Errorf("false: got %v, want %v", m.False, want)
	}
	got, err := b.Scores(0, 0.33)
	if err != nil || got.N != 2 || got.Values["recall"] != 2.0/3 || got.Values["named"] != 1.0/3 || got.Values["false_per_image"] != 1.5 {
		t.Errorf("got %v, %v", got, err)
	}
	if want := [2]float64{1, 2}; got.Interval["false_per_image"] != want { // of either picture alone
		t.Errorf("interval: got %v, want %v", got.Interval["false_per_image"], want)
	}
	for per, want := range map[float64]float64{0: math.Nextafter(9, 10), 0.5: math.Nextafter(2, 10), 1: math.Nextafter(1, 10), 1.5: 0} {
		if got := b.Threshold(per, 0.33); got != want {
			t.Errorf("%g false boxes a picture: got %g, want %g", per, got, want)
		}
	}
}

// TestMatchAgreesWithMetrics: counts at any threshold are those of the package metrics' curve.
func TestMatchAgreesWithMetrics(t *testing.T) {
	s := random.New(1)
	b := Boxes{Images: 5}
	for range 60 {
		b.Truth = append(b.Truth, metrics.TrueBox{Image: s.IntN(5), Box: box(float64(s.IntN(100)), float64(s.IntN(100)), 20, 20)})
		b.Found = append(b.Found, metrics.FoundBox{Image: s.IntN(5), Box: box(float64(s.IntN(100)), float64(s.IntN(100)), 20, 20), Score: s.Float64()})
	}
	for _, per := range []float64{0, 0.4, 1, 3} {
		want, err := metrics.RecallAtFalseBoxes(b.Truth, b.Found, b.Images, per, 0.33)
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.Scores(b.Threshold(per, 0.33), 0.33)
		if err != nil {
			t.Fatal(err)
		}
		if got.Values["recall"] != want.Recall || got.Values["false_per_image"] > per {
			t.Errorf("%g false boxes a picture: got %v, want %+v", per, got, want)
		}
	}
}
