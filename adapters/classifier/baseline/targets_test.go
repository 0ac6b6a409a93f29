package baseline

import (
	"math"
	"reflect"
	"testing"
)

var reviews = []string{"good food", "bad food", "good room", "bad room and bad food", "the room", "good good good", "food", "a bad day"}

// TestRidge: at the solution the gradient of the objective is zero, of the intercept too, by an independent computation.
func TestRidge(t *testing.T) {
	y, f := []float64{5, 1, 5, 0, 3, 7, 3, 2}, Features{WordMin: 1, WordMax: 2}
	m, err := FitRidge(reviews, y, f, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	x, got := m.vectorizer.Transform(reviews), m.PredictAll(reviews)
	gradient, intercept := make([]float64, x.Cols), 0.0
	for j, w := range m.weights {
		gradient[j] = 0.5 * w
	}
	for i := range y {
		cols, vals := x.Row(i)
		for k, j := range cols {
			gradient[j] += (got[i] - y[i]) * vals[k]
		}
		intercept += got[i] - y[i]
	}
	for j, g := range append(gradient, intercept) {
		if math.Abs(g) > 1e-6 {
			t.Errorf("gradient %d is %g, want 0", j, g)
		}
	}
	for name, try := range map[string]func() error{
		"numbers":  func() error { _, err := FitRidge(reviews, y[1:], f, 1); return err },
		"alpha":    func() error { _, err := FitRidge(reviews, y, f, 0); return err },
		"infinite": func() error { _, err := FitRidge(reviews[:2], []float64{1, math.Inf(1)}, f, 1); return err },
	} {
		if try() == nil {
			t.Errorf("%s passed", name)
		}
	}
}

// TestOneVsRest: texts that it has seen get their labels back.
func TestOneVsRest(t *testing.T) {
	truths := [][]string{{"food", "good"}, {"food"}, {"good", "room"}, {"food", "room"}, {"room"}, {"good"}, {"food"}, nil}
	labels, scores, err := OneVsRest(reviews, truths, reviews, Options{C: 10})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(labels, []string{"food", "good", "room"}) {
		t.Fatalf("got labels %q", labels)
	}
	for i, want := range truths {
		var got []string
		for c, l := range labels {
			if scores[i*len(labels)+c] >= 0.5 {
				got = append(got, l)
			}
		}
		if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %q, want %q", reviews[i], got, want)
		}
	}
	if _, _, err := OneVsRest(reviews, make([][]string, len(reviews)), nil, Options{}); err == nil {
		t.Error("no labels passed")
	}
	if _, scores, err := OneVsRest(reviews[:2], [][]string{{"a"}, {"a"}}, reviews, Options{}); err != nil || scores[3] != 1 {
		t.Errorf("a label of every text: got %v, %v, want ones", scores, err)
	}
}
