package inspector

import (
	"image"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// smallBase is a model of 8x8 gray pixels in patches of 4, with random weights.
func smallBase(t testing.TB) *vision.Model {
	t.Helper()
	c, err := vision.Preset("tiny", 8, 4)
	if err != nil {
		t.Fatal(err)
	}
	c.Channels, c.Hidden, c.Heads, c.Intermediate = 1, 16, 2, 32
	m, err := vision.New(c, picture.NewProcessor(8, 8, 1), 7)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// viewed are settings for pictures of w x h.
func viewed(w, h int, v View) Settings {
	s := Default(1, h, w)
	s.FalseAlarms, s.Blur, s.MinArea, s.Projection, s.View = 0.05, 1, 4, 8, v
	return s
}

func windows(t testing.TB, s Settings) *Windows {
	t.Helper()
	w, err := NewWindows(smallBase(t), s)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func noise(n int) []float32 {
	r := random.New(random.Key(1, "noise"))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.Normal())
	}
	return x
}

func patches(t testing.TB, w *Windows, pixels []float32, n int) []float32 {
	t.Helper()
	rows, cols := w.Grid()
	y := make([]float32, n*rows*cols*w.Width())
	if err := w.Patches(y, pixels, n); err != nil {
		t.Fatal(err)
	}
	return y
}

// TestWindowsAreTheModels: a picture of the model's size gives its hidden states less those of an empty picture, in cells of one patch and of all.
func TestWindowsAreTheModels(t *testing.T) {
	m, x := smallBase(t), noise(64)
	for _, cell := range []int{1, 2} {
		w := windows(t, viewed(8, 8, View{Layers: []int{0, 2}, Step: 8, Cell: cell}))
		got := patches(t, w, x, 1)
		grid := 2 / cell
		if rows, cols := w.Grid(); rows != grid || cols != grid || w.Width() != 32 {
			t.Fatalf("got a grid of %dx%d of %d", rows, cols, w.Width())
		}
		for at, k := range []int{0, 2} {
			layer, err := m.Snapshot().Layer(k)
			if err != nil {
				t.Fatal(err)
			}
			state, empty := make([]float32, 5*16), make([]float32, 5*16)
			if err := layer.Encode(state, x, 1); err != nil {
				t.Fatal(err)
			}
			if err := layer.Encode(empty, make([]float32, 64), 1); err != nil {
				t.Fatal(err)
			}
			for c := range grid * grid {
				for j := range 16 {
					var want float64
					for p := range 4 {
						if cell == 1 && p != c {
							continue
						}
						want += float64(state[(1+p)*16+j]-empty[(1+p)*16+j]) / float64(cell*cell)
					}
					if v := float64(got[c*32+at*16+j]); math.Abs(v-want) > 1e-5 {
						t.Fatalf("cell %d, layer %d, element %d: got %g, want %g", c, k, j, v, want)
					}
				}
			}
		}
	}
}

// TestWindowsLayers: layers that are looked at together have the bits that each has alone.
func TestWindowsLayers(t *testing.T) {
	x, v := noise(3*13*11), View{Step: 5, Cell: 1}
	of := func(layers ...int) []float32 {
		v.Layers = layers
		return patches(t, windows(t, viewed(13, 11, v)), x, 3)
	}
	both := of(0, 1, 2)
	for at, k := range []int{0, 1, 2} {
		for i, want := range of(k) {
			if got := both[(3*(i/16)+at)*16+i%16]; got != want {
				t.Fatalf("layer %d, value %d: got %g, want %g", k, i, got, want)
			}
		}
	}
}

// TestWindowsTile: side by side every window is a picture of its own; over an odd size every cell has patches, and equal windows give equal cells.
func TestWindowsTile(t *testing.T) {
	x := noise(64)
	tiled := make([]float32, 16*24)
	for i := range tiled {
		tiled[i] = x[i/24%8*8+i%24%8]
	}
	v := View{Layers: []int{1, 2}, Step: 8, Cell: 1}
	one, all := patches(t, windows(t, viewed(8, 8, v)), x, 1), patches(t, windows(t, viewed(24, 16, v)), tiled, 1)
	for r := range 4 {
		for c := range 6 {
			if got, want := all[(r*6+c)*32:][:32], one[(r%2*2+c%2)*32:][:32]; !slices.Equal(got, want) {
				t.Fatalf("cell %d, %d: got %v, want %v", r, c, got, want)
			}
		}
	}
	for _, size := range [][3]int{{8, 9, 8}, {13, 11, 8}, {31, 8, 5}, {30, 29, 3}, {23, 22, 1}} {
		v.Step = size[2]
		w := windows(t, viewed(size[0], size[1], v))
		rows, cols := w.Grid()
		if rows != size[1]/4 || cols != size[0]/4 || len(w.weights) != rows*cols {
			t.Errorf("%v: got a grid of %dx%d", size, rows, cols)
		}
		for i, share := range w.weights {
			if !(share > 0 && share <= 1) {
				t.Errorf("%v: cell %d weighs %g", size, i, share)
			}
		}
	}
}

// TestWindowsStandardize: exposure and contrast don't count, and a picture of one shade is one.
func TestWindowsStandardize(t *testing.T) {
	v := View{Layers: []int{2}, Step: 8, Cell: 1, Standardize: true}
	w := windows(t, viewed(13, 11, v))
	x := noise(13 * 11)
	want := patches(t, w, x, 1)
	for i := range x {
		x[i] = 0.25*x[i] + 3
	}
	for i, got := range patches(t, w, x, 1) {
		if math.Abs(float64(got-want[i])) > 1e-3 {
			t.Fatalf("element %d: got %g, want %g", i, got, want[i])
		}
	}
	for i := range x {
		x[i] = 5
	}
	for i, got := range patches(t, w, x, 1) {
		if got != 0 {
			t.Fatalf("element %d of nothing: got %g", i, got)
		}
	}
}

// TestContrast: pictures brought to the contrast that they have, as they are but for their mean, and to another one, are what they are without that.
func TestContrast(t *testing.T) {
	x := noise(13 * 11)
	mean, sd := deviation(x)
	for i := range x {
		x[i] -= float32(mean)
	}
	for _, by := range []float64{1, 0.3} {
		got := patches(t, windows(t, viewed(13, 11, View{Layers: []int{2}, Step: 8, Cell: 1, Standardize: true, Contrast: by * sd})), x, 1)
		scaled := slices.Clone(x)
		for i := range scaled {
			scaled[i] *= float32(by)
		}
		want := patches(t, windows(t, viewed(13, 11, View{Layers: []int{2}, Step: 8, Cell: 1})), scaled, 1)
		for i := range got {
			if math.Abs(float64(got[i]-want[i])) > 1e-3 {
				t.Fatalf("by %g: element %d: got %g, want %g", by, i, got[i], want[i])
			}
		}
	}
}

// TestWindowsSame: alone, in a batch, beside other goroutines and with any number of workers.
func TestWindowsSame(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	w := windows(t, viewed(13, 11, View{Layers: []int{1, 2}, Step: 5, Cell: 1, Standardize: true}))
	x := noise(20 * 13 * 11) // more windows than go at once
	kernels.SetWorkers(1)
	want := patches(t, w, x, 20)
	alone := patches(t, w, x[3*13*11:4*13*11], 1)
	if per := len(want) / 20; !slices.Equal(alone, want[3*per:4*per]) {
		t.Error("other vectors alone than in a batch")
	}
	kernels.SetWorkers(5)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			y := make([]float32, len(want))
			if err := w.Patches(y, x, 20); err != nil || !slices.Equal(y, want) {
				t.Error("other vectors beside other goroutines", err)
			}
		})
	}
	wg.Wait()
}

func TestWindowsRefuse(t *testing.T) {
	m := smallBase(t)
	good := View{Layers: []int{1, 2}, Step: 8, Cell: 1}
	for name, change := range map[string]func(s *Settings){
		"channels":     func(s *Settings) { s.Channels = 3 },
		"settings":     func(s *Settings) { s.Folds = 0 },
		"no layers":    func(s *Settings) { s.View.Layers = nil },
		"layer":        func(s *Settings) { s.View.Layers = []int{3} },
		"layers twice": func(s *Settings) { s.View.Layers = []int{1, 1} },
		"no layer":     func(s *Settings) { s.View.Layers = []int{-1} },
		"step":         func(s *Settings) { s.View.Step = 0 },
		"step, gaps":   func(s *Settings) { s.View.Step = 9 },
		"cell":         func(s *Settings) { s.View.Cell = 3 },
		"no cell":      func(s *Settings) { s.View.Cell = 0 },
		"size":         func(s *Settings) { s.Width = 7 },
	} {
		s := viewed(12, 12, good)
		change(&s)
		if w, err := NewWindows(m, s); err == nil || w != nil || !strings.HasPrefix(err.Error(), "inspector: ") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	w := windows(t, viewed(12, 12, good))
	if err := w.Patches(make([]float32, 9), make([]float32, 144), 1); err == nil {
		t.Error("short output: no error")
	}
	if err := w.Process(make([]float32, 3), image.NewNRGBA(image.Rect(0, 0, 12, 12))); err == nil {
		t.Error("short pixels: no error")
	}
}

func TestWindowsMakeNoGarbage(t *testing.T) {
	if raceEnabled {
		t.Skip("pools drop at random under the race detector")
	}
	w := windows(t, viewed(13, 11, View{Layers: []int{1, 2}, Step: 5, Cell: 1, Standardize: true}))
	x, rows := noise(2*13*11), w.rows*w.cols
	y := make([]float32, 2*rows*w.Width())
	look := func() {
		if err := w.Patches(y, x, 2); err != nil {
			t.Fatal(err)
		}
	}
	look()
	if a := testing.AllocsPerRun(50, look); a >= 1 {
		t.Errorf("got %g allocations, want none", a)
	}
}

func BenchmarkPatches(b *testing.B) {
	w := windows(b, viewed(64, 64, View{Layers: []int{1, 2}, Step: 8, Cell: 1, Standardize: true}))
	x := noise(64 * 64)
	y := make([]float32, w.rows*w.cols*w.Width())
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Patches(y, x, 1); err != nil {
			b.Fatal(err)
		}
	}
}
