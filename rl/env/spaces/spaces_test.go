package spaces

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"testing"
)

// must gives v where a constructor had no reason to refuse.
func must[S Space](t testing.TB, s S, err error) S {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var inf = float32(math.Inf(1))

// made are the spaces of testdata/golden.py.
func made(t testing.TB) map[string]Space {
	t.Helper()
	discrete, err := NewDiscrete(5)
	must(t, discrete, err)
	from, err := NewDiscreteFrom(7, -3)
	must(t, from, err)
	multi, err := NewMultiDiscrete(5, 2, 9)
	must(t, multi, err)
	box, err := NewBox([]float32{-1, -inf, -inf, 3, 0.5}, []float32{1, inf, 2, inf, 0.5})
	must(t, box, err)
	pixels, err := NewBoxOf(0, 255, Uint8, 2, 3, 3)
	must(t, pixels, err)
	z, err := NewDiscrete(4)
	must(t, z, err)
	a, err := NewBoxOf(-2, 2, Float32, 2)
	must(t, a, err)
	m, err := NewMultiDiscrete(3, 3)
	must(t, m, err)
	dict, err := NewDict(map[string]Space{"z": z, "a": a, "m": m})
	must(t, dict, err)
	return map[string]Space{"discrete": discrete, "discrete from": from, "multidiscrete": multi, "box": box, "pixels": pixels, "dict": dict}
}

// TestAgainstGymnasium holds elements drawn by seed, their flat form and the words to Gymnasium's.
func TestAgainstGymnasium(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases map[string]struct {
			String        string
			Samples, Flat [][]float32
		}
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	for name, s := range made(t) {
		c := golden.Cases[name]
		if name != "box" && s.String() != c.String { // numpy has its own way to write vectors
			t.Errorf("%s: got %s, want %s", name, s, c.String)
		}
		s.Seed(11)
		for i, want := range c.Samples {
			got := make([]float32, s.Size())
			s.Sample(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s: sample %d: got %v, want %v", name, i, got, want)
			}
			if !s.Contains(got) {
				t.Errorf("%s: %v isn't in the space that it was drawn from", name, got)
			}
			if i < len(c.Flat) {
				flat := slices.Repeat([]float32{9}, s.FlatSize())
				s.Flatten(flat, got)
				if !slices.Equal(flat, c.Flat[i]) {
					t.Errorf("%s: flat %d: got %v, want %v", name, i, flat, c.Flat[i])
				}
			}
		}
	}
}

// TestUnseeded holds that a space without a seed draws as after Seed(0).
func TestUnseeded(t *testing.T) {
	seeded := made(t)
	for name, s := range made(t) {
		a, b := make([]float32, s.Size()), make([]float32, s.Size())
		s.Sample(a)
		seeded[name].Seed(0)
		seeded[name].Sample(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s: got %v, want %v", name, a, b)
		}
	}
}

func TestContains(t *testing.T) {
	nan := float32(math.NaN())
	all := made(t)
	for _, c := range []struct {
		space string
		x     []float32
		want  bool
	}{
		{"discrete", []float32{0}, true},
		{"discrete", []float32{4}, true},
		{"discrete", []float32{5}, false},
		{"discrete", []float32{-1}, false},
		{"discrete", []float32{0.5}, false},
		{"discrete", []float32{nan}, false},
		{"discrete", []float32{inf}, false},
		{"discrete", []float32{-inf}, false},
		{"discrete", []float32{0, 0}, false},
		{"discrete", nil, false},
		{"discrete from", []float32{-3}, true},
		{"discrete from", []float32{3}, true},
		{"discrete from", []float32{4}, false},
		{"multidiscrete", []float32{4, 1, 8}, true},
		{"multidiscrete", []float32{4, 2, 8}, false},
		{"multidiscrete", []float32{4, 1}, false},
		{"box", []float32{0, 1e30, -1e30, 3, 0.5}, true},
		{"box", []float32{0, inf, -inf, inf, 0.5}, true},
		{"box", []float32{1.5, 0, 0, 3, 0.5}, false},
		{"box", []float32{0, nan, 0, 3, 0.5}, false},
		{"box", []float32{0, 0, 0, 3}, false},
		{"dict", []float32{2, -2, 2, 0, 3}, true},
		{"dict", []float32{2, -2, 2, 0, 4}, false},
		{"dict", []float32{2, -2, 3, 0, 3}, false},
		{"dict", []float32{2, -2, 2, 0}, false},
	} {
		if got := all[c.space].Contains(c.x); got != c.want {
			t.Errorf("%s contains %v: got %v, want %v", c.space, c.x, got, c.want)
		}
	}
	pixels := make([]float32, 18)
	pixels[4] = 0.5
	if all["pixels"].Contains(pixels) {
		t.Error("half a grey level is in the space of pixels")
	}
}

func TestRefused(t *testing.T) {
	nan := float32(math.NaN())
	for what, f := range map[string]func() error{
		"no number":       func() error { _, err := NewDiscrete(0); return err },
		"many numbers":    func() error { _, err := NewDiscrete(1<<24 + 1); return err },
		"a far start":     func() error { _, err := NewDiscreteFrom(2, 1<<24); return err },
		"no counts":       func() error { _, err := NewMultiDiscrete(); return err },
		"a zero count":    func() error { _, err := NewMultiDiscrete(3, 0); return err },
		"crossed bounds":  func() error { _, err := NewBox([]float32{1}, []float32{0}); return err },
		"NaN":             func() error { _, err := NewBox([]float32{nan}, []float32{0}); return err },
		"other lengths":   func() error { _, err := NewBox([]float32{1}, []float32{0, 1}); return err },
		"no elements":     func() error { _, err := NewBox(nil, nil); return err },
		"a zero side":     func() error { _, err := NewBoxOf(0, 1, Float32, 3, 0); return err },
		"a huge shape":    func() error { _, err := NewBoxOf(0, 1, Float32, 1<<20, 1<<20, 1<<40); return err },
		"wide pixels":     func() error { _, err := NewBoxOf(0, 256, Uint8, 3); return err },
		"half pixels":     func() error { _, err := NewBoxOf(0.5, 255, Uint8, 3); return err },
		"a missing space": func() error { _, err := NewDict(map[string]Space{"a": nil}); return err },
	} {
		if err := f(); !errors.Is(err, ErrSpace) {
			t.Errorf("%s: got %v, want %v", what, err, ErrSpace)
		}
	}
}

func BenchmarkSampleDiscrete(b *testing.B) {
	s, err := NewDiscrete(2)
	must(b, s, err)
	x := make([]float32, 1)
	b.ReportAllocs()
	for b.Loop() {
		s.Sample(x)
	}
}
