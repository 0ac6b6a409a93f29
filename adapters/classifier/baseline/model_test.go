package baseline

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
)

func TestBadInput(t *testing.T) {
	two := []string{"red apple", "green pear"}
	for name, c := range map[string]struct {
		texts, labels []string
		o             Options
	}{
		"nothing":       {nil, nil, Options{}},
		"lengths":       {two, []string{"a"}, Options{}},
		"one class":     {two, []string{"a", "a"}, Options{}},
		"no words":      {[]string{"!", "a"}, []string{"a", "b"}, Options{}},
		"min_df":        {two, []string{"a", "b"}, Options{Features: Features{MinDF: 3}}},
		"n-gram range":  {two, []string{"a", "b"}, Options{Features: Features{WordMin: 3, WordMax: 2}}},
		"C":             {two, []string{"a", "b"}, Options{C: -1}},
		"C is NaN":      {two, []string{"a", "b"}, Options{C: math.NaN()}},
		"kind":          {two, []string{"a", "b"}, Options{Kind: "tree"}},
		"negative tol":  {two, []string{"a", "b"}, Options{Tol: -1}},
		"few iteration": {two, []string{"a", "b"}, Options{Iterations: -1}},
	} {
		if m, err := Fit(c.texts, c.labels, c.o); err == nil || m != nil {
			t.Errorf("%s: got %v, want an error", name, err)
		} else if !strings.HasPrefix(err.Error(), "baseline: ") {
			t.Errorf("%s: error %q has no prefix", name, err)
		}
	}
	if _, _, err := Search(two, []string{"a", "b"}, nil, nil, Grid(SVM)); err == nil {
		t.Error("search without development texts")
	}
	if _, _, err := Search(two, []string{"a", "b"}, two, []string{"a", "b"}, nil); err == nil {
		t.Error("search without a grid")
	}
	if _, _, err := FitBest(two, nil, Grid(SVM), 1); err == nil {
		t.Error("texts without labels")
	}
}

// TestUnknownWords: a text with no known word gets the intercepts, and finite scores.
func TestUnknownWords(t *testing.T) {
	for _, kind := range []Kind{SVM, Logistic} {
		m, err := Fit([]string{"red apple", "red cherry", "green pear"}, []string{"red", "red", "green"}, Options{Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"", "zzz", "\xff\xfe", strings.Repeat("apple ", 10000)} {
			label, score := m.Predict(text)
			if !slices.Contains(m.Labels(), label) || math.IsNaN(score) || score < 0.5 || score > 1 {
				t.Errorf("%s: Predict(%.20q) = %q, %g", kind, text, label, score)
			}
		}
	}
}

// TestSameOnAnyProcessors: weights don't depend on how the work was shared.
func TestSameOnAnyProcessors(t *testing.T) {
	g := readGolden(t)
	var first []float64
	for _, kind := range []Kind{SVM, Logistic} {
		first = nil
		for _, p := range []int{1, 3} {
			old := runtime.GOMAXPROCS(p)
			m, err := Fit(g.Texts, g.Labels, Options{Kind: kind, Seed: 4})
			runtime.GOMAXPROCS(old)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = m.weights
			} else if !slices.Equal(first, m.weights) {
				t.Errorf("%s: weights differ on %d processors", kind, p)
			}
		}
	}
}

// TestLogisticGradient compares with central differences.
func TestLogisticGradient(t *testing.T) {
	g := readGolden(t)
	v, err := FitVectorizer(g.Texts[:9], Features{})
	if err != nil {
		t.Fatal(err)
	}
	x := v.Transform(g.Texts[:9])
	p := &softmaxProblem{x: x, y: []int{0, 1, 2, 0, 1, 2, 0, 1, 2}, c: 3, l2: 0.3, d: make([]float64, 9*3)}
	w, grad, scratch := make([]float64, (x.Cols+1)*3), make([]float64, (x.Cols+1)*3), make([]float64, (x.Cols+1)*3)
	for i := range w {
		w[i] = math.Sin(float64(i))
	}
	p.gradient(grad, w)
	const h = 1e-5 // error of order h^2
	for i := range w {
		want := kerneltest.Derivative(func() float64 { return p.gradient(scratch, w) }, &w[i], h)
		if math.Abs(grad[i]-want) > 1e-8 {
			t.Errorf("gradient %d is %g, want %g", i, grad[i], want)
		}
	}
}

// TestSVMOptimal checks the conditions of the optimum: no projected gradient is far from zero, and w is the sum of its parts.
func TestSVMOptimal(t *testing.T) {
	g := readGolden(t)
	v, err := FitVectorizer(g.Texts, Features{})
	if err != nil {
		t.Fatal(err)
	}
	x := v.Transform(g.Texts)
	square := make([]float64, x.Rows())
	y := make([]int, x.Rows())
	for i := range square {
		square[i] = 2 // unit rows and the intercept
		if g.Labels[i] == "music" {
			y[i] = 1
		}
	}
	d := newDual(x, y, square, 1, Options{C: 1, Tol: 1e-6, Iterations: 10000})
	d.run()
	for i := range x.Rows() {
		pg := d.gradient(int32(i))
		if d.alpha[i] == 0 {
			pg = min(pg, 0)
		}
		if math.Abs(pg) > 1e-6 {
			t.Errorf("row %d: projected gradient %g", i, pg)
		}
	}
}

func FuzzFeatures(f *testing.F) {
	f.Add("red apple", false, 1, 2)
	f.Add("a  ÉÉ \xff\u2003x", true, 3, 5)
	f.Fuzz(func(t *testing.T, text string, char bool, low, high int) {
		feat := Features{WordMin: low, WordMax: high}
		if char {
			feat = Features{CharMin: low, CharMax: high}
		}
		v, err := FitVectorizer([]string{text, "red apple tree"}, feat)
		if err != nil {
			return
		}
		x := v.Transform([]string{text})
		cols, vals := x.Row(0)
		var square float64
		for k, j := range cols {
			if j < 0 || int(j) >= len(v.Terms()) || k > 0 && cols[k-1] >= j {
				t.Fatalf("columns %v of %d", cols, len(v.Terms()))
			}
			square += vals[k] * vals[k]
		}
		if len(cols) > 0 && math.Abs(square-1) > 1e-12 {
			t.Errorf("length %g", square)
		}
	})
}
