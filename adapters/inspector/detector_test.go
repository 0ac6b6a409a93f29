package inspector

import (
	"fmt"
	"image"
	"math"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// newTestDetector has random weights, large ones in the head, so that its chances differ.
func newTestDetector(t testing.TB, template bool) *Detector {
	t.Helper()
	c, err := vision.Preset("tiny", 32, 8)
	if err != nil {
		t.Fatal(err)
	}
	c.Hidden, c.Heads, c.Layers, c.Intermediate = 32, 2, 1, 64
	m, err := vision.New(c, picture.NewProcessor(32, 32, 3), 1)
	if err != nil {
		t.Fatal(err)
	}
	head, s := NewDetectorHead(32, 3), random.New(2)
	for i := range head.W.Value {
		head.W.Value[i] = float32(s.Normal())
	}
	settings := DefaultDetector(template)
	settings.Step = 2
	d, err := NewDetector(m, head, []string{"a", "b", "c"}, settings)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// colour is a gray picture in colour.
func colour(m *image.Gray) *image.NRGBA {
	out := image.NewNRGBA(m.Rect)
	for i, v := range m.Pix {
		copy(out.Pix[4*i:], []uint8{v, v, v, 255})
	}
	return out
}

// spotted is a board, and it again with spots of several sizes.
func spotted() (test, template *image.NRGBA) {
	template = colour(board(100, 90, 2, 0))
	test = colour(board(100, 90, 2, 0))
	for i, p := range []image.Point{{20, 20}, {60, 20}, {20, 60}, {70, 60}} {
		for y := p.Y; y < p.Y+8+i; y++ {
			for x := p.X; x < p.X+8+i; x++ {
				copy(test.Pix[y*test.Stride+4*x:], []uint8{255, 255, 255})
			}
		}
	}
	return test, template
}

// TestTiling: windows cover every patch, none begins outside, and every place counts.
func TestTiling(t *testing.T) {
	for _, c := range [][5]int{{64, 64, 8, 4, 2}, {65, 71, 8, 4, 3}, {10, 10, 8, 4, 2}, {200, 30, 8, 4, 4}, {33, 33, 1, 32, 5}} {
		w, h, patch, side, step := c[0], c[1], c[2], c[3], c[4]
		tiles := tile(w, h, patch, side, step)
		covered := make([]bool, tiles.rows*tiles.cols)
		for _, p := range tiles.at {
			if p.X%patch != 0 || p.Y%patch != 0 || p.X < 0 || p.Y < 0 || p.X >= w || p.Y >= h {
				t.Errorf("%v: window at %v", c, p)
			}
			for y := p.Y / patch; y < min(tiles.rows, p.Y/patch+side); y++ {
				for x := p.X / patch; x < min(tiles.cols, p.X/patch+side); x++ {
					covered[y*tiles.cols+x] = true
				}
			}
		}
		if slices.Contains(covered, false) || tiles.rows*patch < h || tiles.cols*patch < w {
			t.Errorf("%v: %d x %d patches, some not covered: %v", c, tiles.rows, tiles.cols, tiles.at)
		}
	}
}

// TestEverywhere: where windows don't overlap, the chances are those of each window by itself.
func TestEverywhere(t *testing.T) {
	d := newTestDetector(t, false)
	s := d.Settings()
	s.Step = 4
	d, err := d.With(s)
	if err != nil {
		t.Fatal(err)
	}
	m := colour(board(64, 96, 1, 30))
	all, tiles, err := d.everywhere(m)
	if err != nil {
		t.Fatal(err)
	}
	one := make([]float32, 16*4)
	err = d.windows(m, []image.Point{{32, 64}}, func(_ int, logits []float32) { kernels.Softmax(one, logits, 16, 4) })
	if err != nil {
		t.Fatal(err)
	}
	for i := range 16 {
		at := (8+i/4)*tiles.cols + 4 + i%4
		for j := range 4 {
			if got, want := all[at*4+j], one[i*4+j]; math.Abs(float64(got-want)) > 1e-6 {
				t.Fatalf("patch %d, kind %d: got %g, want %g", i, j, got, want)
			}
		}
	}
}

// TestHighest: without a template a box's score is the highest chance in it, or of settings made before the sum.
func TestHighest(t *testing.T) {
	d := newTestDetector(t, false)
	for _, highest := range []bool{true, false} {
		s := d.Settings()
		s.Level, s.MinArea, s.Score, s.Certain, s.Highest = 0, 1, 0, 0, highest // the whole picture is one box
		d, err := d.With(s)
		if err != nil {
			t.Fatal(err)
		}
		a, err := d.Inspect(colour(board(64, 96, 1, 30)), nil)
		if err != nil {
			t.Fatal(err)
		}
		var most, sum float64
		for _, v := range a.Map.Values {
			most, sum = max(most, float64(v)), sum+float64(v)
		}
		want := sum
		if highest {
			want = most
		}
		if len(a.Boxes) != 1 || a.Boxes[0].Score != want || a.Score != want || sum == most {
			t.Errorf("highest %t: got %+v, score %g, want one box of score %g", highest, a.Boxes, a.Score, want)
		}
	}
}

func TestVerdict(t *testing.T) {
	chances := make([]float32, 4*4*3) // [4, 4, 1+2]
	for i := range 16 {
		copy(chances[i*3:], []float32{1, 0, 0})
	}
	copy(chances[(1*4+1)*3:], []float32{0.5, 0.5, 0})
	copy(chances[(1*4+2)*3:], []float32{0.25, 0, 0.75})
	for _, c := range []struct {
		box   metrics.Box
		kind  int
		score float64
	}{
		{metrics.Box{XMin: 9, YMin: 9, XMax: 15, YMax: 15}, 0, 0.5},
		{metrics.Box{XMin: 9, YMin: 9, XMax: 24, YMax: 16}, 1, 0.625},
		{metrics.Box{XMin: -5, YMin: -5, XMax: 40, YMax: 40}, 1, 1.25 / 16},
		{metrics.Box{XMin: 50, YMin: 50, XMax: 60, YMax: 60}, 0, 1}, // outside the window, which a middle never is
	} {
		if kind, score := verdict(chances, c.box, 4, 4, 3, 8); kind != c.kind || math.Abs(score-c.score) > 1e-6 {
			t.Errorf("%+v: got %d, %g, want %d, %g", c.box, kind, score, c.kind, c.score)
		}
	}
}

// TestDetectorSameForAll: an answer depends on nothing but the picture, however many workers there are and whoever else asks.
func TestDetectorSameForAll(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	test, template := spotted()
	for _, with := range []*image.NRGBA{nil, template} {
		d := newTestDetector(t, with != nil)
		want, err := d.Inspect(test, with)
		if err != nil {
			t.Fatal(err)
		}
		if with != nil && len(want.Boxes) < 2 {
			t.Fatalf("got %d boxes, want some", len(want.Boxes))
		}
		var wait sync.WaitGroup
		for _, workers := range []int{1, 3} {
			kernels.SetWorkers(workers)
			for range 4 {
				wait.Go(func() {
					if got, err := d.Inspect(test, with); err != nil || !reflect.DeepEqual(got, want) {
						t.Errorf("another answer, %v", err)
					}
				})
			}
			wait.Wait()
		}
	}
}

// TestThresholdCounts: a box under the threshold is not reported, and a picture without boxes is good.
func TestThresholdCounts(t *testing.T) {
	test, template := spotted()
	d := newTestDetector(t, true)
	all, err := d.Inspect(test, template)
	if err != nil {
		t.Fatal(err)
	}
	s := d.Settings()
	s.Score = all.Boxes[0].Score
	if d, err = d.With(s); err != nil {
		t.Fatal(err)
	}
	if a, err := d.Inspect(test, template); err != nil || len(a.Boxes) >= len(all.Boxes) || len(a.Boxes) < 1 || a.Label != Defect || *a.Threshold != s.Score {
		t.Errorf("got %+v, %v, want the worst box alone", a, err)
	}
	s.Score = 2
	if d, err = d.With(s); err != nil {
		t.Fatal(err)
	}
	if a, err := d.Inspect(test, template); err != nil || len(a.Boxes) != 0 || a.Label != OK || a.Class != "" || a.Score != all.Score {
		t.Errorf("got %+v, %v, want no box", a, err)
	}
	s.Certain = all.Score
	if d, err = d.With(s); err != nil {
		t.Fatal(err)
	}
	if a, err := d.Inspect(test, template); err != nil || len(a.Boxes) != 0 || a.Label != Abstain {
		t.Errorf("got %+v, %v, want no verdict", a, err)
	}
	s.Certain = 3
	if _, err := d.With(s); err == nil {
		t.Error("certain above the threshold: no error")
	}
}

func TestDetectorRefuses(t *testing.T) {
	d, alone := newTestDetector(t, true), newTestDetector(t, false)
	m := colour(board(50, 40, 1, 0))
	for name, inspect := range map[string]func() error{
		"no template":    func() error { _, err := d.Inspect(m, nil); return err },
		"a template":     func() error { _, err := alone.Inspect(m, m); return err },
		"another size":   func() error { _, err := d.Inspect(m, colour(board(40, 40, 1, 0))); return err },
		"no pixels":      func() error { _, err := alone.Inspect(image.NewNRGBA(image.Rect(0, 0, 0, 5)), nil); return err },
		"too small":      func() error { tiny := colour(board(8, 8, 1, 0)); _, err := d.Inspect(tiny, tiny); return err },
		"other settings": func() error { _, err := d.With(DefaultDetector(false)); return err },
		"level":          func() error { s := alone.Settings(); s.Level = math.NaN(); _, err := alone.With(s); return err },
		"another head": func() error {
			_, err := NewDetector(d.model, NewDetectorHead(8, 3), []string{"a", "b", "c"}, d.settings)
			return err
		},
		"too few labels":   func() error { _, err := NewDetector(d.model, d.head, []string{"a"}, d.settings); return err },
		"negative padding": func() error { s := alone.Settings(); s.Pad = -1; _, err := alone.With(s); return err },
	} {
		if inspect() == nil {
			t.Errorf("%s: no error", name)
		}
	}
	one := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	if a, err := alone.Inspect(one, nil); err != nil || len(a.Map.Values) != 1 {
		t.Errorf("a picture of one pixel: got %+v, %v", a, err)
	}
}

// TestStack: the template comes to where the picture is, and the difference says how far a defect goes beyond the tolerance.
func TestStack(t *testing.T) {
	template := board(90, 70, 1, 0)
	test := moved(template, image.Pt(2, -3))
	for y := 30; y < 41; y++ {
		for x := 40; x < 51; x++ {
			test.Pix[y*test.Stride+x] = 255
		}
	}
	s := DefaultDetector(true).Template
	m, err := s.Stack(colour(test), colour(template))
	if err != nil {
		t.Fatal(err)
	}
	for y := 10; y < 60; y++ {
		for x := 10; x < 80; x++ {
			p := m.NRGBAAt(x, y)
			if p.R != test.GrayAt(x, y).Y || p.G != template.GrayAt(x+2, y-3).Y {
				t.Fatalf("(%d, %d): got %v", x, y, p)
			}
			if (x < 37 || x > 53 || y < 27 || y > 43) && p.B != 0 {
				t.Fatalf("(%d, %d): difference %d, want none", x, y, p.B)
			}
		}
	}
	deep, shallow := m.NRGBAAt(45, 35).B, m.NRGBAAt(42, 35).B
	if deep == 0 || shallow >= deep {
		t.Errorf("difference %d in the middle, %d two pixels in, want it deeper in the middle", deep, shallow)
	}
	boxes := s.Propose(m)
	if len(boxes) != 1 || boxes[0].Middle() != image.Pt(45, 35) {
		t.Errorf("got %+v, want one box round (45, 35)", boxes)
	}
}

func BenchmarkDetector(b *testing.B) {
	test, template := colour(board(640, 640, 1, 20)), colour(board(640, 640, 1, 20))
	for y := 100; y < 112; y++ {
		for x := 100; x < 600; x += 50 {
			copy(test.Pix[y*test.Stride+4*x:], slices.Repeat([]uint8{255}, 48))
		}
	}
	for _, with := range []*image.NRGBA{template, nil} {
		d := newTestDetector(b, with != nil)
		b.Run(fmt.Sprintf("template=%v", with != nil), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Inspect(test, with); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestChances: those of a picture of one window are those that all of it is judged by, and windows don't depend on one another.
func TestChances(t *testing.T) {
	d := newTestDetector(t, false)
	test, _ := spotted()
	one := image.NewNRGBA(image.Rect(0, 0, 32, 32))
	window(one, test, image.Pt(10, 12), 0)
	want, _, err := d.everywhere(one)
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.Chances(test, []image.Point{{-20, 80}, {10, 12}})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2*len(want) {
		t.Fatalf("got %d chances, want %d", len(got), 2*len(want))
	}
	for i, v := range got[len(want):] {
		if math.Abs(float64(v-want[i])) > 1e-5 { // a mean over one window rounds
			t.Fatalf("chance %d: got %v, want %v", i, v, want[i])
		}
	}
	if _, err := d.Chances(image.NewNRGBA(image.Rectangle{}), []image.Point{{}}); err == nil {
		t.Error("a picture without pixels is no error")
	}
}

// TestTurns: seen in every way, windows of a picture and of the same picture turned have the same chances in the same places; seen in one way they don't.
func TestTurns(t *testing.T) {
	test, _ := spotted()
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64)) // four windows
	window(m, test, image.Point{}, 0)
	once := newTestDetector(t, false)
	s := once.Settings()
	s.Turns = picture.Turns
	all, err := once.With(s)
	if err != nil {
		t.Fatal(err)
	}
	off := func(d *Detector, way int) (most float64) {
		t.Helper()
		turned := image.NewNRGBA(m.Rect)
		window(turned, m, image.Point{}, way)
		a, at, err := d.everywhere(m)
		if err != nil {
			t.Fatal(err)
		}
		b, _, err := d.everywhere(turned)
		if err != nil {
			t.Fatal(err)
		}
		k := d.head.Out()
		for r := range at.rows {
			for c := range at.cols {
				x, y := picture.Turn(c, r, at.cols, way)
				for i := range k {
					most = max(most, math.Abs(float64(b[(r*at.cols+c)*k+i]-a[(y*at.cols+x)*k+i])))
				}
			}
		}
		return most
	}
	for way := range picture.Turns {
		if v := off(all, way); v > 1e-5 {
			t.Errorf("way %d: in all ways chances are %g off", way, v)
		}
		if v := off(once, way); (way == 0) != (v == 0) || way > 0 && v < 1e-4 {
			t.Errorf("way %d: in one way chances are %g off", way, v)
		}
	}
	s.Turns = picture.Turns + 1
	if _, err := once.With(s); err == nil {
		t.Error("a ninth way is no error")
	}
}
