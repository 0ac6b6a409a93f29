package metrics

import (
	"errors"
	"math"
	"testing"
)

func TestLengths(t *testing.T) {
	if _, err := Accuracy([]int{1}, []int{1, 2}); err == nil {
		t.Error("accuracy of different lengths")
	}
	if _, err := MacroF1([]string{}, []string{}); !errors.Is(err, ErrEmpty) {
		t.Errorf("macro F1 of nothing: %v", err)
	}
	if _, err := Correct([]int{1}, nil); err == nil {
		t.Error("correct of different lengths")
	}
	if _, _, err := ConfusionMatrix([]string{"a"}, nil, nil); err == nil {
		t.Error("confusion matrix of different lengths")
	}
	if _, _, err := ConfusionMatrix([]string{"a"}, []string{"a"}, []string{"a", "a"}); err == nil {
		t.Error("confusion matrix with a label twice")
	}
}

func TestROCAUCErrors(t *testing.T) {
	for name, c := range map[string]struct {
		y []bool
		s []float64
	}{
		"one class": {[]bool{true, true}, []float64{1, 2}},
		"NaN":       {[]bool{true, false}, []float64{1, math.NaN()}},
		"lengths":   {[]bool{true}, []float64{1, 2}},
		"nothing":   {nil, nil},
	} {
		if _, err := ROCAUC(c.y, c.s); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if a, err := ROCAUC([]bool{true, false}, []float64{1, 1}); err != nil || a != 0.5 {
		t.Errorf("all tied: %g %v, want 0.5", a, err)
	}
	if a, err := ROCAUC([]bool{true, false, false}, []float64{math.Inf(1), math.Inf(-1), 0}); err != nil || a != 1 {
		t.Errorf("infinite scores: %g %v, want 1", a, err)
	}
}
