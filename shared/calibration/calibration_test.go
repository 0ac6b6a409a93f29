package calibration

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/random"
)

// toy draws logits of items whose true class follows softmax(logits/temperature), so that the best temperature is known.
func toy(n, c int, temperature float64, seed uint64) *Observations {
	r := random.New(seed)
	o := &Observations{Classes: c, Logits: make([]float32, n*c), True: make([]int32, n)}
	p := make([]float32, c)
	for i := range n {
		z := o.Logits[i*c : (i+1)*c]
		for j := range z {
			z[j] = float32(float64(3*r.Normal()) * temperature)
		}
		Probabilities(p, z, float32(temperature))
		at := float32(r.Float64())
		for j, v := range p {
			if at -= v; at < 0 || j == c-1 {
				o.True[i] = int32(j)
				break
			}
		}
	}
	return o
}

func TestTemperature(t *testing.T) {
	for _, want := range []float64{0.25, 1, 4} {
		o := toy(4000, 5, want, 1)
		got, err := Temperature(o.Logits, o.True, o.Classes)
		if err != nil || math.Abs(got/want-1) > 0.1 {
			t.Errorf("got %v, %v, want about %v", got, err, want)
		}
	}
}

// TestTemperatureGolden compares with scipy's minimiser of the same loss; temperature.json is made by cmd/bench/golden/temperature.py.
func TestTemperatureGolden(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "temperature.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Classes     int
		Logits      []float32
		True        []int32
		Temperature float64
	}
	if err := json.Unmarshal(raw, &cases); err != nil || len(cases) < 10 {
		t.Fatalf("got %d cases, %v", len(cases), err)
	}
	for i, c := range cases {
		got, err := Temperature(c.Logits, c.True, c.Classes)
		if err != nil || math.Abs(got/c.Temperature-1) > 1e-4 { // of float32 probabilities
			t.Errorf("case %d: got %v, %v, want %v", i, got, err, c.Temperature)
		}
	}
}

// TestTemperatureOfPerfection: items that are all right don't make it sure of everything.
func TestTemperatureOfPerfection(t *testing.T) {
	z, y := []float32{5, 0, 0, 5, 5, 0, 0, 5}, []int32{0, 1, 0, 1}
	got, err := Temperature(z, y, 2)
	p := make([]float32, 2)
	Probabilities(p, z[:2], float32(got))
	if err != nil || math.Abs(float64(p[0])-5.0/6) > 1e-3 {
		t.Errorf("got %v, %v, with a confidence of %v, want one of 5/6", got, err, p[0])
	}
}

// TestPromises: over many calibrations on 200 items the answered share and the sets' share of true classes on other items are what was promised.
func TestPromises(t *testing.T) {
	var answered, held, n float64
	s := Settings{Coverage: 0.9, ConfidenceLevel: 0.8}
	for seed := range uint64(40) {
		c, err := Fit(toy(200, 4, 2, 2*seed), s)
		if err != nil {
			t.Fatal(err)
		}
		o, p := toy(200, 4, 2, 2*seed+1), make([]float32, 4)
		for i, y := range o.True {
			if !c.Judge(p, o.Logits[i*4:(i+1)*4]).Abstains() {
				answered++
			}
			if slices.Contains(c.Set(p), int(y)) {
				held++
			}
			n++
		}
	}
	if a, h := answered/n, held/n; math.Abs(a-0.9) > 0.02 || math.Abs(h-0.8) > 0.02 {
		t.Errorf("answered %.3f, held %.3f, want 0.9 and 0.8", a, h)
	}
}

func TestWhy(t *testing.T) {
	scope := 3.0
	c := &Classes{Temperature: 1, Threshold: 0.8, SetThreshold: 0.3, Scope: &scope}
	for _, w := range []struct {
		z    []float32
		want string
	}{
		{[]float32{9, 0, 0}, ""},
		{[]float32{1, 0, 0}, OutOfScope},
		{[]float32{9, 9, 0}, TooClose},
		{[]float32{9, 8, 7}, BelowThreshold},
	} {
		p := make([]float32, 3)
		if v := c.Judge(p, w.z); v.Why != w.want || v.Abstains() != (w.want != "") {
			t.Errorf("%v: got %+v, want %q", w.z, v, w.want)
		}
	}
}

// TestApart: examples out of scope move the threshold between the two.
func TestApart(t *testing.T) {
	o := &Observations{Classes: 2}
	for i := range 60 {
		strange := i%3 == 0
		z, y := float32(10+i%5), int32(0)
		if strange {
			z, y = 2, -1
		}
		o.Logits, o.True = append(o.Logits, z, 0), append(o.True, y)
	}
	c, err := Fit(o, Settings{Coverage: 0.9, ConfidenceLevel: 0.9})
	if err != nil || c.Scope == nil || !(*c.Scope > 3 && *c.Scope <= 10.01) {
		t.Fatalf("got %+v, %v, want a threshold between 2 and 10", c, err)
	}
}

func TestBadInput(t *testing.T) {
	nan := float32(math.NaN())
	s := Settings{Coverage: 0.9, ConfidenceLevel: 0.9}
	for want, err := range map[string]error{
		"want [1, 2]":                     second(Temperature([]float32{1}, []int32{0}, 2)),
		"item 0: got class 2":             second(Temperature([]float32{1, 2}, []int32{2}, 2)),
		"item 0: a logit is NaN":          second(Temperature([]float32{1, nan}, []int32{0}, 2)),
		"none of a known class":           second(Temperature([]float32{1, 2}, []int32{-1}, 2)),
		"too few scores: got 8, want at":  second(Fit(toy(8, 3, 1, 1), s)),
		"coverage: got 0, want":           (&Settings{Share: 0.5}).Validate(),
		"folds: got 1":                    (&Settings{Folds: 1, Coverage: 0.9, ConfidenceLevel: 0.9}).Validate(),
		"temperature: got 0":              (&Classes{}).Validate(),
		"got observations of 3 classes":   toy(5, 2, 1, 1).Add(toy(5, 3, 1, 1)),
		"rate: got 1, want between":       second(Above([]float32{1}, 1)),
		"score 1 is NaN":                  second(Below([]float32{1, nan}, 0.5)),
		"threshold: got NaN, want 0 to 1": (&Classes{Temperature: 1, Threshold: math.NaN()}).Validate(),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := Fit(toy(8, 3, 1, 1), s); !errors.Is(err, ErrFew) {
		t.Errorf("got %v, want ErrFew", err)
	}
}

func second[T any](_ T, err error) error { return err }
