package baseline

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const (
	// featureTolerance: the same formula; the golden idf has nine digits.
	featureTolerance = 1e-8
	// scoreTolerance: both solvers stop short of the optimum, by less than this at the tolerances asked for here.
	scoreTolerance = 2e-4
)

// goldenFile is made by cmd/bench/golden/tfidf.py.
type goldenFile struct {
	Texts, Labels, New []string
	Features           []struct {
		Name  string
		Terms []string
		IDF   []float64
		New   [][][2]float64 // column, value
	}
	Fits []struct {
		Features string
		Kind     Kind
		C        float64
		Rows     []int
		Scores   []float64
		Labels   []string
	}
}

var goldenFeatures = map[string]Features{
	"word":       {},
	"pairs":      {WordMin: 1, WordMax: 2, Sublinear: true},
	"pairs only": {WordMin: 2, MinDF: 2},
	"characters": {CharMin: 3, CharMax: 5, Sublinear: true},
	"both":       {WordMin: 1, WordMax: 2, CharMin: 2, CharMax: 5, Sublinear: true},
}

func readGolden(t *testing.T) goldenFile {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var g goldenFile
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Features) != len(goldenFeatures) || len(g.Fits) < 30 {
		t.Fatalf("golden.json has %d features and %d fits", len(g.Features), len(g.Fits))
	}
	return g
}

func TestVectorizerGolden(t *testing.T) {
	g := readGolden(t)
	for _, f := range g.Features {
		v, err := FitVectorizer(g.Texts, goldenFeatures[f.Name])
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(v.Terms(), f.Terms) {
			t.Errorf("%s: terms %q, want %q", f.Name, v.Terms(), f.Terms)
			continue
		}
		for j, w := range f.IDF {
			p := v.parts[0]
			if j >= len(p.terms) {
				p, j = v.parts[1], j-len(p.terms)
			}
			if math.Abs(p.idf[j]-w) > featureTolerance {
				t.Errorf("%s: idf of %q is %g, want %g", f.Name, p.terms[j], p.idf[j], w)
			}
		}
		x := v.Transform(g.New)
		for i, want := range f.New {
			cols, vals := x.Row(i)
			if len(cols) != len(want) || !slices.IsSorted(cols) {
				t.Errorf("%s: text %d has columns %v, want %d ascending", f.Name, i, cols, len(want))
			}
			for k := range min(len(cols), len(want)) {
				if w := want[k]; float64(cols[k]) != w[0] || math.Abs(vals[k]-w[1]) > featureTolerance {
					t.Errorf("%s: text %d, value %d: got column %d %g, want %v", f.Name, i, k, cols[k], vals[k], w)
				}
			}
		}
	}
}

func TestFitGolden(t *testing.T) {
	g := readGolden(t)
	for _, f := range g.Fits {
		var texts, labels []string
		for _, i := range f.Rows {
			texts, labels = append(texts, g.Texts[i]), append(labels, g.Labels[i])
		}
		tol := map[Kind]float64{SVM: 1e-7, Logistic: 1e-9}[f.Kind]
		m, err := Fit(texts, labels, Options{Kind: f.Kind, C: f.C, Features: goldenFeatures[f.Features], Tol: tol, Iterations: 100000})
		if err != nil {
			t.Fatal(err)
		}
		width := len(f.Scores) / len(g.New)
		for i, text := range g.New {
			d := m.Decision(text)
			if f.Kind == Logistic {
				softmax(d)
			}
			want := f.Scores[i*width : (i+1)*width]
			if width == 1 { // of two classes scikit-learn gives the second's margin
				d = d[1:]
			}
			for c, w := range want {
				if math.Abs(d[c]-w) > scoreTolerance {
					t.Errorf("%s %s C %g %d rows: %q: score %d is %g, want %g", f.Features, f.Kind, f.C, len(f.Rows), text, c, d[c], w)
				}
			}
			if label, _ := m.Predict(text); label != f.Labels[i] && margin(m.Decision(text)) > 2*scoreTolerance {
				t.Errorf("%s %s C %g: %q is %q, want %q", f.Features, f.Kind, f.C, text, label, f.Labels[i])
			}
		}
	}
}

// margin is the distance of the two best.
func margin(d []float64) float64 {
	s := slices.Sorted(slices.Values(d))
	return s[len(s)-1] - s[len(s)-2]
}
