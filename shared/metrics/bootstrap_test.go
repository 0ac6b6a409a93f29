package metrics

import (
	"errors"
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/random"
)

func TestBootstrapMatchesTheory(t *testing.T) {
	const n = 1000
	values := make([]float64, n)
	s := random.New(random.Key(1, "test"))
	for i := range values {
		values[i] = s.Normal()
	}
	iv, err := Bootstrap(values, 7)
	if err != nil {
		t.Fatal(err)
	}
	want := 1.96 * SD(values) / math.Sqrt(n)
	// 10,000 draws place each end to about 2.5 % of the half width.
	for _, half := range []float64{iv.High - iv.Mean, iv.Mean - iv.Low} {
		if math.Abs(half/want-1) > 0.08 {
			t.Errorf("half width %g, want %g", half, want)
		}
	}
	again, _ := Bootstrap(values, 7)
	other, _ := Bootstrap(values, 8)
	if again != iv || other == iv {
		t.Errorf("same seed %v and %v, other seed %v", iv, again, other)
	}
}

func TestPairedBootstrap(t *testing.T) {
	const seeds, n = 5, 400
	s := random.New(random.Key(2, "test"))
	a, b := make([][]float64, seeds), make([][]float64, seeds)
	for k := range a {
		a[k], b[k] = make([]float64, n), make([]float64, n)
		for i := range n {
			hard := s.Normal() // shared: pairing takes it out
			a[k][i] = hard + 0.02 + 0.05*s.Normal()
			b[k][i] = hard + 0.05*s.Normal()
		}
	}
	iv, err := PairedBootstrap(a, b, 1)
	if err != nil {
		t.Fatal(err)
	}
	if iv.Low <= 0 || iv.Mean < 0.015 || iv.Mean > 0.025 {
		t.Errorf("got %+v, want above zero, about 0.02", iv)
	}
	back, err := PairedBootstrap(b, a, 1)
	if err != nil || !near(back.Mean, -iv.Mean) || !near(back.Low, -iv.High) || !near(back.High, -iv.Low) {
		t.Errorf("swapped: %+v %v, want the mirror of %+v", back, err, iv)
	}
	same, err := PairedBootstrap(a, a, 1)
	if err != nil || same != (Interval{}) {
		t.Errorf("a against itself: %+v %v, want zero", same, err)
	}
}

// TestPairedBootstrapSeeds: with few seeds that disagree the interval must be wide although there are many items.
func TestPairedBootstrapSeeds(t *testing.T) {
	a := [][]float64{make([]float64, 500), make([]float64, 500), make([]float64, 500)}
	b := [][]float64{make([]float64, 500), make([]float64, 500), make([]float64, 500)}
	for k, v := range []float64{0.1, 0.1, -0.1} {
		for i := range a[k] {
			a[k][i] = v
		}
	}
	if iv, err := PairedBootstrap(a, b, 1); err != nil || iv.Low > 0 || iv.High < 0.1-exact {
		t.Errorf("got %+v %v, want from below zero to 0.1", iv, err)
	}
}

func TestBootstrapErrors(t *testing.T) {
	if _, err := Bootstrap(nil, 1); !errors.Is(err, ErrEmpty) {
		t.Errorf("nothing: %v", err)
	}
	if _, err := Bootstrap([]float64{1, math.NaN()}, 1); err == nil {
		t.Error("took NaN")
	}
	for name, c := range map[string][2][][]float64{
		"nothing":      {nil, nil},
		"no items":     {{{}}, {{}}},
		"seeds":        {{{1}}, {{1}, {2}}},
		"items":        {{{1, 2}}, {{1}}},
		"uneven seeds": {{{1}, {1, 2}}, {{1}, {1, 2}}},
	} {
		if _, err := PairedBootstrap(c[0], c[1], 1); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	iv, err := BootstrapFunc(3, 1, func(items []int32) float64 {
		for _, i := range items {
			if i < 0 || i > 2 {
				t.Fatalf("item %d of 3", i)
			}
		}
		return 5
	})
	if err != nil || iv != (Interval{5, 5, 5}) {
		t.Errorf("constant statistic: %v %v", iv, err)
	}
}

func BenchmarkBootstrap(b *testing.B) {
	values := make([]float64, 10000)
	for b.Loop() {
		if _, err := Bootstrap(values, 1); err != nil {
			b.Fatal(err)
		}
	}
}
