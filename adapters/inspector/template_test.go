package inspector

import (
	"fmt"
	"image"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/random"
)

// board is a plane of dark and bright boxes, keyed; noise of the given size on top.
func board(w, h int, key uint64, noise int) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, w, h))
	s := random.New(key)
	for range w * h / 400 {
		x, y, dx, dy, v := s.IntN(w), s.IntN(h), 12+s.IntN(30), 12+s.IntN(30), uint8(30+170*s.IntN(2))
		for i := y; i < min(h, y+dy); i++ {
			for j := x; j < min(w, x+dx); j++ {
				m.Pix[i*m.Stride+j] = v
			}
		}
	}
	for i := range m.Pix {
		m.Pix[i] += uint8(s.IntN(noise + 1))
	}
	return m
}

// moved is m where test(p) = m(p + by), the edges held.
func moved(m *image.Gray, by image.Point) *image.Gray {
	out := image.NewGray(m.Bounds())
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	for y := range h {
		for x := range w {
			out.Pix[y*out.Stride+x] = m.Pix[min(max(y+by.Y, 0), h-1)*m.Stride+min(max(x+by.X, 0), w-1)]
		}
	}
	return out
}

func TestShiftPlanted(t *testing.T) {
	for y := -5; y <= 5; y++ {
		for x := -5; x <= 5; x++ {
			want := image.Pt(x, y)
			clean := board(90, 70, 1, 0)
			test := moved(clean, want)
			s := random.New(uint64(y*11 + x + 99))
			for i := range test.Pix {
				test.Pix[i] += uint8(s.IntN(20))
			}
			got, err := Shift(test, clean, 5)
			if err != nil || got != want {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
		}
	}
}

// TestShiftIsLeast: the rough sums never hide the best shift of pictures with noise and defects.
func TestShiftIsLeast(t *testing.T) {
	for k := range uint64(20) {
		a, b := board(80, 60, k, 40), moved(board(80, 60, k, 10), image.Pt(int(k%7)-3, int(k%5)-2))
		got, err := Shift(a, b, 4)
		if err != nil {
			t.Fatal(err)
		}
		all := &shifts{test: a, template: b, limit: 4, step: 1}
		for y := -4; y <= 4; y++ {
			for x := -4; x <= 4; x++ {
				all.at = append(all.at, image.Pt(x, y))
			}
		}
		all.sums = make([]int64, len(all.at))
		for i := range all.at {
			all.Run(i)
		}
		if want := all.at[slices.Index(all.sums, slices.Min(all.sums))]; got != want {
			t.Errorf("board %d: got %v, want %v", k, got, want)
		}
	}
}

func TestShiftCorners(t *testing.T) {
	flat := image.NewGray(image.Rect(0, 0, 20, 20))
	if got, err := Shift(flat, flat, 5); err != nil || got != (image.Point{}) {
		t.Errorf("flat: got %v, %v, want none", got, err)
	}
	sub := board(60, 60, 1, 0).SubImage(image.Rect(10, 10, 50, 50)).(*image.Gray)
	other := image.NewGray(image.Rect(0, 0, 40, 40))
	for y := range 40 {
		copy(other.Pix[y*40:(y+1)*40], sub.Pix[y*sub.Stride:])
	}
	if got, err := Shift(sub, other, 3); err != nil || got != (image.Point{}) {
		t.Errorf("part of a picture: got %v, %v, want none", got, err)
	}
	for name, f := range map[string]func() error{
		"sizes":    func() error { _, err := Shift(flat, image.NewGray(image.Rect(0, 0, 20, 21)), 1); return err },
		"small":    func() error { _, err := Shift(flat, flat, 10); return err },
		"negative": func() error { _, err := Shift(flat, flat, -1); return err },
		"empty":    func() error { _, err := Shift(&image.Gray{}, &image.Gray{}, 0); return err },
		"difference of sizes": func() error {
			_, _, err := Difference(flat, image.NewGray(image.Rect(0, 0, 20, 21)), image.Point{}, 1)
			return err
		},
		"settings": func() error { _, err := Template{Shift: -1}.Inspect(flat, flat); return err },
	} {
		if f() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestDifference compares with the definition.
func TestDifference(t *testing.T) {
	const w, h = 45, 37
	for k, c := range []struct {
		shift     image.Point
		tolerance int
	}{{image.Pt(0, 0), 0}, {image.Pt(0, 0), 3}, {image.Pt(2, -3), 2}, {image.Pt(-5, 4), 1}, {image.Pt(40, 0), 3}, {image.Pt(0, 99), 1}, {image.Pt(0, 0), 30}} {
		test, template := board(w, h, uint64(k), 60), board(w, h, uint64(k)+50, 60)
		extra, missing, err := Difference(test, template, c.shift, c.tolerance)
		if err != nil {
			t.Fatal(err)
		}
		full := image.Rect(0, 0, w, h)
		shared := full.Intersect(full.Sub(c.shift))
		for y := range h {
			for x := range w {
				wantExtra, wantMissing := 255, 255
				for dy := -c.tolerance; dy <= c.tolerance; dy++ {
					for dx := -c.tolerance; dx <= c.tolerance; dx++ {
						p, q := image.Pt(x, y), image.Pt(x+dx, y+dy)
						if !p.In(shared) || !q.In(shared) {
							wantExtra, wantMissing = 0, 0
							continue
						}
						at := func(m *image.Gray, p image.Point) int { return int(m.Pix[p.Y*m.Stride+p.X]) }
						wantExtra = min(wantExtra, abs(at(test, p)-at(template, q.Add(c.shift))))
						wantMissing = min(wantMissing, abs(at(template, p.Add(c.shift))-at(test, q)))
					}
				}
				if int(extra[y*w+x]) != wantExtra || int(missing[y*w+x]) != wantMissing {
					t.Fatalf("%+v: pixel %d, %d: got %d and %d, want %d and %d", c, x, y, extra[y*w+x], missing[y*w+x], wantExtra, wantMissing)
				}
			}
		}
	}
}

// TestTemplateFindsDefects plants an extra and a missing spot in a moved board whose edges are ragged.
func TestTemplateFindsDefects(t *testing.T) {
	template := image.NewGray(image.Rect(0, 0, 200, 160))
	for y := 40; y < 120; y++ {
		for x := 60; x < 140; x++ {
			template.Pix[y*200+x] = 230
		}
	}
	test := moved(template, image.Pt(3, -2))
	s := random.New(1)
	for y := 42; y < 122; y++ {
		for x := 57; x < 57+s.IntN(3); x++ {
			test.Pix[y*200+x] = 0 // within the tolerance
		}
	}
	a, err := DefaultTemplate().Inspect(test, template)
	if err != nil || a.Label != OK || len(a.Boxes) != 0 {
		t.Fatalf("ragged edge: got %+v, %v, want nothing", a.Boxes, err)
	}
	for i := range 10 {
		for j := range 10 {
			test.Pix[(80+i)*200+90+j] = 0
			test.Pix[(20+i)*200+20+j] = 230
		}
	}
	a, err = DefaultTemplate().Inspect(test, template)
	if err != nil || a.Label != Defect || len(a.Boxes) != 2 || a.Score != a.Boxes[0].Score {
		t.Fatalf("got %+v, %v, want two boxes", a.Boxes, err)
	}
	for _, want := range []metrics.Box{{XMin: 90, YMin: 80, XMax: 100, YMax: 90}, {XMin: 20, YMin: 20, XMax: 30, YMax: 30}} {
		if !slices.ContainsFunc(a.Boxes, func(b Box) bool {
			return b.Box.XMin <= want.XMin && b.Box.YMin <= want.YMin && b.Box.XMax >= want.XMax && b.Box.YMax >= want.YMax && b.Box.IoU(want) > 0.05
		}) {
			t.Errorf("no box holds %+v: %+v", want, a.Boxes)
		}
	}
}

func TestTemplateSameForAnyWorkers(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	var want string
	for _, workers := range []int{1, 2, 5} {
		kernels.SetWorkers(workers)
		a, err := DefaultTemplate().Inspect(board(150, 130, 1, 30), board(150, 130, 2, 30))
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(a.Score, a.Boxes, a.Map.Values)
		if want == "" {
			want = got
		} else if got != want {
			t.Errorf("%d workers: another answer", workers)
		}
	}
}

// FuzzTemplate: pictures of any content and settings of any size give an answer or an error.
func FuzzTemplate(f *testing.F) {
	f.Add([]byte{1, 200, 3, 4, 5, 6, 200, 8, 9}, uint8(3), int8(1), int8(1), int8(2), uint8(10))
	f.Add([]byte{}, uint8(0), int8(0), int8(0), int8(0), uint8(0))
	f.Add(make([]byte, 400), uint8(20), int8(5), int8(3), int8(5), uint8(255))
	f.Fuzz(func(t *testing.T, pix []byte, width uint8, shift, tolerance, join int8, level uint8) {
		if width == 0 || len(pix) > 4096 {
			return
		}
		h := len(pix) / int(width)
		test, template := image.NewGray(image.Rect(0, 0, int(width), h)), image.NewGray(image.Rect(0, 0, int(width), h))
		copy(test.Pix, pix)
		for i := range template.Pix {
			template.Pix[i] = pix[len(pix)-1-i]
		}
		a, err := Template{Shift: int(shift), Tolerance: int(tolerance), Join: int(join), Level: level, Pad: 2}.Inspect(test, template)
		if err != nil {
			return
		}
		if (a.Label == Defect) != (len(a.Boxes) > 0) {
			t.Errorf("%s with %d boxes", a.Label, len(a.Boxes))
		}
		for _, b := range a.Boxes {
			if b.Box.XMin < 0 || b.Box.YMin < 0 || b.Box.XMax > float64(width) || b.Box.YMax > float64(h) || b.Box.Area() < float64(b.Area) && b.Area <= 0 {
				t.Errorf("box %+v", b)
			}
		}
	})
}

func BenchmarkShift(b *testing.B) {
	x, y := board(640, 640, 1, 20), moved(board(640, 640, 1, 20), image.Pt(2, 1))
	for b.Loop() {
		if _, err := Shift(x, y, 5); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTemplate(b *testing.B) {
	x, y := board(640, 640, 1, 20), moved(board(640, 640, 1, 20), image.Pt(2, 1))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DefaultTemplate().Inspect(x, y); err != nil {
			b.Fatal(err)
		}
	}
}
