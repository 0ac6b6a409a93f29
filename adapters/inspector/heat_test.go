package inspector

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/metrics"
)

// smoothSlow is the definition in float64.
func smoothSlow(scores []float32, rows, cols, h, w int, sigma float64) []float64 {
	value := func(y, x int) float64 {
		place := func(i, n, cells int) (int, int, float64) {
			at := max(0, (float64(i)+0.5)*float64(cells)/float64(n)-0.5)
			low := int(at)
			return low, min(low+1, cells-1), at - float64(low)
		}
		y0, y1, fy := place(y, h, rows)
		x0, x1, fx := place(x, w, cols)
		at := func(r, c int) float64 { return float64(scores[r*cols+c]) }
		return (1-fy)*((1-fx)*at(y0, x0)+fx*at(y0, x1)) + fy*((1-fx)*at(y1, x0)+fx*at(y1, x1))
	}
	fold := func(i, n int) int {
		for i < 0 || i >= n {
			if i < 0 {
				i = -1 - i
			} else {
				i = 2*n - 1 - i
			}
		}
		return i
	}
	radius := int(4*sigma + 0.5)
	out := make([]float64, h*w)
	for y := range h {
		for x := range w {
			var sum, weights float64
			for i := -radius; i <= radius; i++ {
				for j := -radius; j <= radius; j++ {
					g := 1.0
					if sigma > 0 {
						g = math.Exp(-float64(i*i+j*j) / (2 * sigma * sigma))
					}
					sum += g * value(fold(y+i, h), fold(x+j, w))
					weights += g
				}
			}
			out[y*w+x] = sum / weights
		}
	}
	return out
}

func TestSmoother(t *testing.T) {
	for _, c := range []struct {
		rows, cols, h, w int
		sigma            float64
	}{{1, 1, 3, 4, 1}, {3, 4, 12, 16, 0}, {3, 4, 13, 17, 1.3}, {5, 2, 7, 9, 4}, {4, 4, 2, 3, 0.5}, {6, 7, 6, 7, 0}} {
		scores := normals(c.rows*c.cols, 1)
		got := make([]float32, c.h*c.w)
		newSmoother(c.rows, c.cols, c.h, c.w, c.sigma).apply(got, scores, &canvas{})
		for i, want := range smoothSlow(scores, c.rows, c.cols, c.h, c.w, c.sigma) {
			if math.Abs(float64(got[i])-want) > 1e-5 {
				t.Fatalf("%+v: pixel %d: got %g, want %g", c, i, got[i], want)
			}
		}
	}
}

// TestSmootherBits: a map has the bits of a sum for every pixel alone, along its row and then along its column, weight after weight.
func TestSmootherBits(t *testing.T) {
	for _, c := range []struct {
		h, w  int
		sigma float64
	}{{5, 4, 2}, {40, 37, 1}, {9, 300, 4}, {300, 9, 4}, {224, 224, 4}, {1, 70, 3}, {3, 5000, 1}} {
		scores := normals(6*7, 1)
		s, rough, got := newSmoother(6, 7, c.h, c.w, c.sigma), make([]float32, c.h*c.w), make([]float32, c.h*c.w)
		s.enlarge(rough, scores)
		s.apply(got, scores, &canvas{})
		radius, rows := len(s.weights)/2, make([]float32, c.h*c.w)
		for i := range rows {
			for k, v := range s.weights {
				from := i/c.w*c.w + mirror(i%c.w+k-radius, c.w)
				kernels.AddScaled(rows[i:i+1], rough[from:from+1], v)
			}
		}
		for i := range got {
			var want [1]float32
			for k, v := range s.weights {
				from := mirror(i/c.w+k-radius, c.h)*c.w + i%c.w
				kernels.AddScaled(want[:], rows[from:from+1], v)
			}
			if got[i] != want[0] {
				t.Fatalf("%+v: pixel %d: got %g, want %g", c, i, got[i], want[0])
			}
		}
	}
}

func TestRegions(t *testing.T) {
	m := &Map{Width: 12, Height: 6, Values: make([]float32, 72)}
	set := func(x, y int, v float32) { m.Values[y*12+x] = v }
	set(1, 1, 5)
	set(2, 2, 7) // touches at a corner
	set(5, 1, 3)
	set(5, 2, 3)
	set(5, 3, 3)
	set(11, 5, 9) // alone
	set(0, 5, 1)  // at the threshold: outside
	got := m.Regions(1, 0, 2)
	want := []Box{
		{Score: 7, Label: Defect, Box: metrics.Box{XMin: 1, YMin: 1, XMax: 3, YMax: 3}, Area: 2, sum: 12},
		{Score: 3, Label: Defect, Box: metrics.Box{XMin: 5, YMin: 1, XMax: 6, YMax: 4}, Area: 3, sum: 9},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	// Two pixels lie between the first two: joined from 1 on.
	if got := m.Regions(1, 1, 2); len(got) != 1 || got[0].Area != 5 || got[0].Box != (metrics.Box{XMin: 1, YMin: 1, XMax: 6, YMax: 4}) {
		t.Errorf("joined: got %+v", got)
	}
	if got := m.Regions(1, 0, 1); len(got) != 3 || got[0].Score != 9 {
		t.Errorf("small ones too: got %+v", got)
	}
}

func TestGrow(t *testing.T) {
	for radius := range 4 {
		const w, h = 9, 7
		mask := make([]bool, w*h)
		mask[0], mask[3*w+4], mask[3*w+7] = true, true, true
		got := grow(mask, w, radius)
		for i := range got {
			want := false
			for j, in := range mask {
				want = want || in && max(abs(i%w-j%w), abs(i/w-j/w)) <= radius
			}
			if got[i] != want {
				t.Fatalf("radius %d: pixel %d: got %t", radius, i, got[i])
			}
		}
	}
}

func abs(i int) int { return max(i, -i) }

func TestOverlay(t *testing.T) {
	picture := image.NewNRGBA(image.Rect(10, 20, 50, 44))
	for i := range picture.Pix {
		picture.Pix[i] = 100
	}
	m := &Map{Width: 20, Height: 12, Values: make([]float32, 240)}
	m.Values[5*20+7], m.Values[0] = 3, float32(math.NaN())
	m.Values[239] = float32(math.Inf(1))
	raw, err := Overlay(picture, m, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(bytes.NewReader(raw))
	if err != nil || got.Bounds() != image.Rect(0, 0, 40, 24) {
		t.Fatal(got.Bounds(), err)
	}
	hot := color.NRGBA{172, 52, 52, 100} // 0.6 of the hottest colour over 0.4 of the picture
	for at, want := range map[image.Point]color.NRGBA{
		{14, 10}: hot, {15, 11}: hot, {13, 10}: {100, 100, 100, 100}, {0, 0}: {100, 100, 100, 100}, {39, 23}: hot,
	} {
		if c := color.NRGBAModel.Convert(got.At(at.X, at.Y)).(color.NRGBA); abs(int(c.R)-int(want.R)) > 1 || abs(int(c.G)-int(want.G)) > 1 || c.A != want.A {
			t.Errorf("%v: got %v, want %v", at, c, want)
		}
	}
	again, _ := Overlay(picture, m, 1, 2)
	if !bytes.Equal(raw, again) {
		t.Error("other bytes the second time")
	}
	for name, f := range map[string]func() ([]byte, error){
		"range":   func() ([]byte, error) { return Overlay(picture, m, 2, 2) },
		"NaN":     func() ([]byte, error) { return Overlay(picture, m, float32(math.NaN()), 2) },
		"map":     func() ([]byte, error) { return Overlay(picture, &Map{Width: 3, Height: 3}, 0, 1) },
		"picture": func() ([]byte, error) { return Overlay(&image.NRGBA{}, m, 0, 1) },
	} {
		if _, err := f(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestHeatRises(t *testing.T) {
	if heat(0) != colours[0] || heat(1) != colours[len(colours)-1] || heat(0.5) != colours[2] {
		t.Errorf("got %v, %v, %v", heat(0), heat(0.5), heat(1))
	}
}

func BenchmarkSmoother(b *testing.B) {
	s := newSmoother(14, 14, 224, 224, 4)
	scores, dst, c := normals(196, 1), make([]float32, 224*224), &canvas{}
	b.ReportAllocs()
	for b.Loop() {
		s.apply(dst, scores, c)
	}
}
