package inspector

import (
	"image"
	"math"
	"reflect"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// bent is a picture that template lies under as a says.
func bent(template *image.Gray, a *alignment) *image.Gray {
	return &image.Gray{Pix: a.lay(template).pix, Stride: a.w, Rect: image.Rect(0, 0, a.w, a.h)}
}

// TestAlignPlanted: what a template was moved, stretched, sheared and turned by is found again to about a pixel everywhere, in spite of noise.
func TestAlignPlanted(t *testing.T) {
	const w, h = 320, 240
	for k, want := range []alignment{
		{w, h, [3]float64{3}, [3]float64{-2}},
		{w, h, [3]float64{0, 3, 0}, [3]float64{1, 0, 0}},
		{w, h, [3]float64{-1, -3, 0}, [3]float64{0, 0, 3}},
		{w, h, [3]float64{2, 0, -2}, [3]float64{-1, 2, 0}}, // turned by about half a degree
		{w, h, [3]float64{1, 2, 1}, [3]float64{0, -1, -2}},
	} {
		template := board(w, h, uint64(k), 0)
		test, s := bent(template, &want), random.New(uint64(k))
		for i := range test.Pix {
			test.Pix[i] += uint8(s.IntN(20))
		}
		got, err := align(test, template, 5, 4)
		if err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for y := 0; y < h; y += 8 {
			for x := 0; x < w; x += 8 {
				ax, ay := got.at(x, y)
				bx, by := want.at(x, y)
				worst = max(worst, math.Abs(ax-bx), math.Abs(ay-by))
			}
		}
		if worst > 1.25 {
			t.Errorf("%d: got %v and %v, want %v and %v: %.2f pixels off", k, got.x, got.y, want.x, want.y, worst)
		}
	}
}

// TestAlignLeavesAlone: pictures that are only moved, and those without anything to go by, aren't stretched.
func TestAlignLeavesAlone(t *testing.T) {
	template := board(200, 150, 7, 0)
	for name, c := range map[string]struct {
		test, template *image.Gray
		stretch        int
		want           alignment
	}{
		"equal":      {template, template, 4, alignment{w: 200, h: 150}},
		"moved":      {moved(template, image.Pt(2, -3)), template, 4, alignment{200, 150, [3]float64{2}, [3]float64{-3}}},
		"flat":       {image.NewGray(template.Rect), image.NewGray(template.Rect), 4, alignment{w: 200, h: 150}},
		"no stretch": {bent(template, &alignment{200, 150, [3]float64{0, 3, 0}, [3]float64{}}), template, 0, alignment{w: 200, h: 150}},
		"small":      {board(40, 30, 1, 0), board(40, 30, 1, 0), 4, alignment{w: 40, h: 30}},
	} {
		if got, err := align(c.test, c.template, 5, c.stretch); err != nil || got.w != c.want.w || got.x != c.want.x || got.y != c.want.y {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, c.want)
		}
	}
}

// TestLay: a pixel inside has the template's pixel that it lies over, and every one that has such a pixel wherever it is in its row and column is inside.
func TestLay(t *testing.T) {
	const w, h = 70, 50
	template := board(w, h, 3, 90)
	for _, a := range []alignment{{w, h, [3]float64{4, 2, 1}, [3]float64{-3, 1, 2}}, {w, h, [3]float64{-5, -3, 2}, [3]float64{2, 2, -4}}, {w: w, h: h}} {
		l := a.lay(template)
		for y := range h {
			for x := range w {
				dx, dy := a.at(x, y)
				q := image.Pt(x+int(math.Round(dx)), y+int(math.Round(dy)))
				in := image.Pt(x, y).In(l.inside)
				if in && (!q.In(template.Rect) || l.pix[y*w+x] != template.GrayAt(q.X, q.Y).Y) {
					t.Fatalf("%+v: (%d, %d) lies over %v: got %d", a, x, y, q, l.pix[y*w+x])
				}
			}
		}
		if l.inside.Dx() < w-16 || l.inside.Dy() < h-16 {
			t.Errorf("%+v: only %v is inside", a, l.inside)
		}
	}
}

// TestStretchedTemplate: a picture that is stretched by a few pixels has the flaw as its only box, for the same bits on any number of workers; without Stretch edges far from the middle are boxes
// too.
func TestStretchedTemplate(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	template := board(320, 240, 11, 0)
	test := bent(template, &alignment{320, 240, [3]float64{1, 4, 0}, [3]float64{-1, 0, 3}})
	flaw := image.Rect(150, 100, 166, 116)
	for y := flaw.Min.Y; y < flaw.Max.Y; y++ {
		for x := flaw.Min.X; x < flaw.Max.X; x++ {
			test.Pix[y*test.Stride+x] = 255 - test.Pix[y*test.Stride+x]/2
		}
	}
	s := DefaultTemplate()
	kernels.SetWorkers(1)
	a, err := s.Inspect(test, template)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Boxes) != 1 || a.Boxes[0].Box.XMin > 160 || a.Boxes[0].Box.XMax < 156 || a.Boxes[0].Box.YMin > 110 || a.Boxes[0].Box.YMax < 106 {
		t.Errorf("got %+v, want the flaw at %v", a.Boxes, flaw)
	}
	kernels.SetWorkers(3)
	if b, err := s.Inspect(test, template); err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("other workers: %v", err)
	}
	s.Stretch = 0
	if a, err = s.Inspect(test, template); err != nil || len(a.Boxes) < 4 {
		t.Errorf("without stretch: got %d boxes, %v", len(a.Boxes), err)
	}
}
