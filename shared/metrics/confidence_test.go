package metrics

import (
	"math"
	"path/filepath"
	"strings"
	"testing"
)

// numbers is the generator that the golden script shares.
type numbers uint64

func (r *numbers) below(n int) int {
	*r = *r*6364136223846793005 + 1442695040888963407
	return int(uint64(*r) >> 33 % uint64(n))
}

// TestConfidenceGolden holds the scores of probabilities and confidence against scikit-learn on 1,000 random cases, many with ties; confidence.json is made by
// cmd/bench/golden/confidence.py.
func TestConfidenceGolden(t *testing.T) {
	var want struct {
		LogLoss []float64 `json:"log_loss"`
		Brier   []float64
		ECE     []float64
		AURC    []float64
		AUROC   []float64
	}
	readJSON(t, filepath.Join("testdata", "confidence.json"), &want)
	if len(want.AURC) != 1000 {
		t.Fatalf("got %d cases, want 1000", len(want.AURC))
	}
	for seed := range want.AURC {
		r := numbers(seed)
		n := 2 + r.below(30)
		c := 2 + r.below(5)
		p, y := make([]float64, n*c), make([]int, n)
		for i := range n {
			sum := 0.0
			for j := range c {
				p[i*c+j] = float64(1 + r.below(40))
				sum += p[i*c+j]
			}
			for j := range c {
				p[i*c+j] /= sum
			}
		}
		for i := range y {
			y[i] = r.below(c)
		}
		confidence, correct := make([]float64, n), make([]bool, n)
		for i := range n {
			best := 0
			for j := range c {
				if p[i*c+j] > p[i*c+best] {
					best = j
				}
			}
			confidence[i], correct[i] = p[i*c+best], best == y[i]
		}
		good := make([]bool, n)
		for i := range good {
			good[i] = r.below(2) == 1
		}
		good[0], good[1] = true, false
		check := func(name string, got float64, err error, want float64) {
			t.Helper()
			if err != nil || math.Abs(got-want) > 1e-11 {
				t.Errorf("case %d: %s: got %v %v, want %v", seed, name, got, err, want)
			}
		}
		l, err := LogLoss(y, p, c)
		check("log loss", l, err, want.LogLoss[seed])
		b, err := Brier(y, p, c)
		check("Brier", Mean(b), err, want.Brier[seed])
		e, err := ECE(confidence, correct, 10)
		check("ECE", e, err, want.ECE[seed])
		curve, err := CoverageRisk(confidence, correct)
		if err != nil {
			t.Fatal(err)
		}
		check("AURC", curve.AURC(), nil, want.AURC[seed])
		a, err := ROCAUC(good, confidence)
		check("AUROC", a, err, want.AUROC[seed])
	}
}

func TestCoverageCurve(t *testing.T) {
	r, err := CoverageRisk([]float64{0.9, 0.5, 0.7, 0.7}, []bool{true, false, true, false})
	if err != nil {
		t.Fatal(err)
	}
	want := []CoveragePoint{{0.9, 0.25, 0}, {0.7, 0.75, 1.0 / 3}, {0.5, 1, 0.5}}
	for i, p := range r.Points {
		if p != want[i] {
			t.Errorf("point %d: got %v, want %v", i, p, want[i])
		}
	}
	for _, c := range []struct{ coverage, want float64 }{{0, 0}, {0.25, 0}, {0.3, 1.0 / 3}, {1, 0.5}, {2, 0.5}} {
		if got := r.RiskAt(c.coverage); got != c.want {
			t.Errorf("risk at %g: got %g, want %g", c.coverage, got, c.want)
		}
	}
	for _, c := range []struct{ risk, want float64 }{{-1, 0}, {0, 0.25}, {0.4, 0.75}, {0.5, 1}} {
		if got := r.CoverageAt(c.risk); got != c.want {
			t.Errorf("coverage at %g: got %g, want %g", c.risk, got, c.want)
		}
	}
}

// TestConfidenceBadInput: what can't be scored is refused with its place.
func TestConfidenceBadInput(t *testing.T) {
	nan := math.NaN()
	for name, err := range map[string]error{
		"got 0 predictions, want 1":             second(LogLoss([]int{0}, nil, 2)),
		"log loss: nothing to score":            second(LogLoss(nil, nil, 2)),
		"a multiple of the 2 classes":           second(LogLoss([]int{0}, []float64{1}, 2)),
		"item 0: got class 2":                   second(LogLoss([]int{2}, []float64{0.5, 0.5}, 2)),
		"item 0: got a probability of NaN":      second(LogLoss([]int{0}, []float64{nan, 0.5}, 2)),
		"item 0: got a probability of 2":        second(Brier([]int{0}, []float64{2, 0.5}, 2)),
		"ECE: item 0: got a confidence of NaN":  second(ECE([]float64{nan}, []bool{true}, 10)),
		"got 0 bins":                            second(ECE([]float64{1}, []bool{true}, 0)),
		"confidence 1 is NaN":                   second(CoverageRisk([]float64{1, nan}, []bool{true, true})),
		"coverage-risk curve: nothing to score": second(CoverageRisk(nil, nil)),
	} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %q", err, name)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestBrierStranger: an item of no class is scored as one of a class that nobody gave a chance.
func TestBrierStranger(t *testing.T) {
	got, err := Brier([]int{-1, 0}, []float64{0.6, 0.4, 1, 0}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if want := (0.36 + 0.16 + 1) / 2; math.Abs(got[0]-want) > 1e-15 || got[1] != 0 {
		t.Errorf("got %v, want %v and 0", got, want)
	}
}
