package head

import (
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/calibration"
)

// TestEvaluation: what is called out of scope is right where the data say so, is answered last, and counts at full coverage by its likeliest label.
func TestEvaluation(t *testing.T) {
	scope := 3.0
	k := &calibration.Classes{Temperature: 1, Threshold: 0.8, SetThreshold: 0.3, Scope: &scope, OutOfScope: "other"}
	e := NewEvaluation([]string{"a", "b"}, &Settings{Calibration: k}, 5)
	for i, c := range []struct {
		want   string
		logits []float32
	}{
		{"a", []float32{9, 0}},     // answered, right
		{"b", []float32{9, 1}},     // answered, wrong
		{"b", []float32{5, 5.5}},   // abstains, would be right
		{"other", []float32{1, 0}}, // out of scope
		{"a", []float32{2, 0}},     // called out of scope, would be right
	} {
		p := make([]float32, 2)
		calibration.Probabilities(p, c.logits, 1)
		e.Add(i, c.want, c.logits, p)
	}
	s, err := e.Scores()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{
		"accuracy": 3.0 / 5, "coverage": 2.0 / 5, "risk": 1.0 / 2, "set_coverage": 3.0 / 4, "out_of_scope_AUROC": 1, "coverage_at_risk_5": 1.0 / 5,
	} {
		if got := s.Values[name]; math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: got %g, want %g", name, got, want)
		}
	}
	curve, err := e.Curve()
	if err != nil {
		t.Fatal(err)
	}
	if got := curve.RiskAt(1); math.Abs(got-2.0/5) > 1e-12 { // the stranger and the wrong one
		t.Errorf("risk at full coverage: got %g, want 0.4", got)
	}
	if got := curve.RiskAt(0.6); math.Abs(got-1.0/3) > 1e-12 {
		t.Errorf("risk at 0.6: got %g, want 1/3", got)
	}
}
