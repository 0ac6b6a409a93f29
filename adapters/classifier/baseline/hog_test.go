package baseline

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// hogTolerance: the same formula; directions near a bound could differ by rounding, and the golden pictures have none there.
const hogTolerance = 1e-6

// hogGolden is made by cmd/bench/golden/hog.py.
type hogGolden struct {
	Cases []struct {
		Options [5]int
		Levels  []int
		Values  []float64
	}
	Options  [5]int `json:"svm_options"`
	Pictures [][]int
	Labels   []string
	Fits     []struct {
		C      float64
		Rows   []int
		Scores []float64 // of the pictures from the 40th on
	}
}

func readHOG(t *testing.T) hogGolden {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "hog.json"))
	if err != nil {
		t.Fatal(err)
	}
	var g hogGolden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Cases) < 8 || len(g.Fits) < 4 {
		t.Fatalf("hog.json has %d cases and %d fits", len(g.Cases), len(g.Fits))
	}
	return g
}

func hogOf(o [5]int) HOG {
	return HOG{Side: o[0], Channels: o[1], Orientations: o[2], Cell: o[3], Block: o[4]}
}

func bytesOf(levels []int) []byte {
	b := make([]byte, len(levels))
	for i, l := range levels {
		b[i] = byte(l)
	}
	return b
}

func TestHOGGolden(t *testing.T) {
	for _, c := range readHOG(t).Cases {
		h := hogOf(c.Options)
		if h.Size() != len(c.Values) {
			t.Errorf("%+v: got %d values, want %d", h, h.Size(), len(c.Values))
			continue
		}
		got := make([]float64, h.Size())
		if err := h.Describe(got, bytesOf(c.Levels)); err != nil {
			t.Fatal(err)
		}
		for i, want := range c.Values {
			if !(math.Abs(got[i]-want) <= hogTolerance) {
				t.Errorf("%+v: value %d: got %.9f, want %.9f", h, i, got[i], want)
				break
			}
		}
	}
}

// pictures of the golden file, by numbers.
func (g *hogGolden) read(rows []int) func(i int) ([]byte, error) {
	return func(i int) ([]byte, error) { return bytesOf(g.Pictures[rows[i]]), nil }
}

func (g *hogGolden) labels(rows []int) []string {
	all := make([]string, len(rows))
	for i, r := range rows {
		all[i] = g.Labels[r]
	}
	return all
}

func TestFitHOGGolden(t *testing.T) {
	g := readHOG(t)
	for _, f := range g.Fits {
		o := HOGOptions{HOG: hogOf(g.Options), SVM: Options{C: f.C, Tol: 1e-8, Iterations: 100000}}
		m, err := FitHOG(g.labels(f.Rows), g.read(f.Rows), o)
		if err != nil {
			t.Fatal(err)
		}
		v, c := make([]float64, o.HOG.Size()), len(m.Labels())
		width := len(f.Scores) / 20
		for i := range 20 {
			if err := o.HOG.Describe(v, bytesOf(g.Pictures[40+i])); err != nil {
				t.Fatal(err)
			}
			d := slices.Clone(m.weights[len(v)*c:])
			for j, x := range v {
				addScaled(d, m.weights[j*c:], x)
			}
			if width == 1 { // of two classes scikit-learn gives the second's margin
				d = d[1:]
			}
			for k, want := range f.Scores[i*width : (i+1)*width] {
				if !(math.Abs(d[k]-want) <= scoreTolerance) {
					t.Errorf("C %g, %d classes, picture %d: score %d is %g, want %g", f.C, c, i, k, d[k], want)
				}
			}
		}
	}
}

// TestHOGProcessors: the fit doesn't depend on the number of processors, and stripes are told apart.
func TestHOGProcessors(t *testing.T) {
	g := readHOG(t)
	rows := make([]int, 60)
	for i := range rows {
		rows[i] = i
	}
	grid := HOGGrid(12, 1)
	fit := func() *HOGModel {
		m, o, err := FitBestHOG(g.labels(rows[:45]), g.read(rows[:45]), grid, 3)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(grid, o) {
			t.Errorf("%v isn't of the grid", o)
		}
		return m
	}
	was := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(was)
	one := fit()
	runtime.GOMAXPROCS(4)
	if four := fit(); !slices.Equal(one.weights, four.weights) {
		t.Error("4 processors fit other weights than one")
	}
	got, err := one.PredictAll(15, g.read(rows[45:]))
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, l := range g.labels(rows[45:]) {
		if got[i] == l {
			right++
		}
	}
	if right < 14 {
		t.Errorf("%d of 15 are right, want at least 14", right)
	}
}

func TestHOGRefused(t *testing.T) {
	none := func(int) ([]byte, error) { return nil, os.ErrNotExist }
	good := HOGOptions{HOG: HOG{Side: 16}}
	for name, c := range map[string]struct {
		labels []string
		change func(o *HOGOptions)
	}{
		"channels":   {[]string{"a", "b"}, func(o *HOGOptions) { o.HOG.Channels = 2 }},
		"block":      {[]string{"a", "b"}, func(o *HOGOptions) { o.HOG.Block = 3 }},
		"picture":    {[]string{"a", "b"}, func(o *HOGOptions) { o.HOG.Side = 1 }},
		"C":          {[]string{"a", "b"}, func(o *HOGOptions) { o.SVM.C = -1 }},
		"labels":     {[]string{"a", "a"}, func(*HOGOptions) {}},
		"picture 0:": {[]string{"a", "b"}, func(*HOGOptions) {}},
	} {
		o := good
		c.change(&o)
		if _, err := FitHOG(c.labels, none, o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := good.HOG.Describe(make([]float64, 36), make([]byte, 255)); err == nil {
		t.Error("too few pixels are accepted")
	}
}

func BenchmarkHOG(b *testing.B) {
	h := HOG{Side: 28, Cell: 4}
	v, levels := make([]float64, h.Size()), make([]byte, 28*28)
	for i := range levels {
		levels[i] = byte(i * i)
	}
	b.SetBytes(int64(len(levels)))
	b.ReportAllocs()
	for b.Loop() {
		if err := h.Describe(v, levels); err != nil {
			b.Fatal(err)
		}
	}
}

// Pictures with an edge are described by its direction: it lies, so the gradient points down, at 90 degrees, which is the fifth bin of nine.
func ExampleHOG_Describe() {
	h := HOG{Side: 8, Cell: 8, Block: 1}
	levels := make([]byte, 64)
	for i := 32; i < 64; i++ {
		levels[i] = 200
	}
	v := make([]float64, h.Size())
	if err := h.Describe(v, levels); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f\n", v)
	// Output: [0.0 0.0 0.0 0.0 1.0 0.0 0.0 0.0 0.0]
}
