package train

import (
	"image"
	"testing"

	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/random"
)

// plate is a dark picture whose right half is bright, with a spot of another brightness in each of the boxes, and the template without.
func plate(side int, boxes ...image.Rectangle) (m *marked, template *image.NRGBA) {
	m = &marked{marks: image.NewGray(image.Rect(0, 0, side, side))}
	template = image.NewNRGBA(m.marks.Rect)
	for i := range side * side {
		v := uint8(20)
		if i%side >= side/2 {
			v = 220
		}
		copy(template.Pix[4*i:], []uint8{v, v, v, 255})
	}
	m.picture = image.NewNRGBA(template.Rect)
	copy(m.picture.Pix, template.Pix)
	for i, b := range boxes {
		m.boxes = append(m.boxes, metrics.TrueBox{Box: metrics.Box{XMin: float64(b.Min.X), YMin: float64(b.Min.Y), XMax: float64(b.Max.X), YMax: float64(b.Max.Y)}})
		for y := b.Min.Y + 8; y < b.Max.Y-8; y++ {
			for x := b.Min.X + 8; x < b.Max.X-8; x++ {
				m.marks.Pix[y*side+x] = uint8(1 + i)
				for c := range 3 {
					m.picture.Pix[4*(y*side+x)+c] = 120
				}
			}
		}
	}
	return m, template
}

// TestCutOut: a cut is what the template lacks, wherever the template lies; defects at the edge or beside others are left.
func TestCutOut(t *testing.T) {
	m, template := plate(160, image.Rect(20, 30, 50, 52), image.Rect(100, 90, 126, 120), image.Rect(0, 100, 24, 150), image.Rect(20, 100, 44, 124))
	moved := image.NewNRGBA(template.Rect) // by three pixels
	for y := range 160 {
		for x := range 160 {
			copy(moved.Pix[4*(y*160+x):][:4], template.Pix[4*(y*160+max(0, x-3)):])
		}
	}
	for _, template := range []*image.NRGBA{template, moved} {
		all, err := m.cutOut(template)
		if err != nil || len(all) != 2 {
			t.Fatalf("got %d cuts, %v, want the first two", len(all), err)
		}
		for i, want := range []struct{ side, delta, plain, mark int }{{30, 100, 14 * 6, 1}, {30, -100, 10 * 14, 2}} {
			c, r, plainly := all[i], square(m.boxes[i].Box), 0
			for j, d := range c.delta {
				k := int(m.marks.GrayAt(r.Min.X+j%c.side, r.Min.Y+j/c.side).Y)
				if int(c.marks[j]) != k || k == 0 && d != 0 || k != 0 && int(d) != want.delta {
					t.Fatalf("cut %d, pixel %d: difference %d, mark %d", i, j, d, c.marks[j])
				}
				if k != 0 {
					plainly++
				}
			}
			if c.side != want.side || c.plain != plainly || plainly != want.plain {
				t.Errorf("cut %d: side %d, %d plain pixels, want %+v", i, c.side, c.plain, want)
			}
		}
	}
	if _, err := m.cutOut(image.NewNRGBA(image.Rect(0, 0, 10, 10))); err == nil {
		t.Error("a template of another size is no error")
	}
}

// TestPaste: the share of windows that the recipe says gets defects; marks lie where pixels changed; a bright place takes what is from one; nothing is laid over a mark.
func TestPaste(t *testing.T) {
	m, template := plate(160, image.Rect(20, 30, 50, 52), image.Rect(100, 90, 126, 120))
	cuts, err := m.cutOut(template)
	if err != nil {
		t.Fatal(err)
	}
	good, _ := plate(160)
	c, n, pasted, wrong := Default(false), 500, 0, 0
	c.Paste = 0.5
	for key := range uint64(n) {
		s, before := newSpace(96), newSpace(96)
		v := view{at: image.Pt(32, 20), side: 96, zoom: 256, gain: 256, turn: int(key % 8)}
		v.take(s.shown, s.marks, good)
		v.take(before.shown, before.marks, good)
		x, y := random.New(key).IntN(90), 50
		s.marks[y*96+x], before.marks[y*96+x] = 9, 9
		s.paste(cuts, &c, key)
		changed := 0
		for i, k := range s.marks {
			was, is := int(before.shown.Pix[4*i]), int(s.shown.Pix[4*i])
			switch {
			case before.marks[i] == 9 && (k != 9 || was != is), k == 0 && was != is:
				t.Fatalf("window %d, pixel %d: mark %d, %d for %d", key, i, k, is, was)
			case k == 1 && was != 20, k == 2 && was != 220:
				wrong++
			}
			if k != 0 && k != 9 {
				changed++
			}
		}
		if changed > 0 {
			pasted++
		}
	}
	if pasted < n*2/5 || pasted > n*3/5 {
		t.Errorf("%d of %d windows changed, want a half", pasted, n)
	}
	if most := n / 4 * 140 / 20; wrong > most {
		t.Errorf("%d pixels of defects lie where it is not as bright as where they are from", wrong)
	}
	// What is brighter than a bright place can't be seen, and isn't pasted.
	cuts = cuts[:1]
	for i := range cuts[0].before {
		cuts[0].before[i] = 220
	}
	c.Paste = 1
	for key := range uint64(50) {
		s := newSpace(60)
		v := view{at: image.Pt(90, 20), side: 60, zoom: 256, gain: 256}
		v.take(s.shown, s.marks, good)
		s.paste(cuts, &c, key)
		for i, k := range s.marks {
			if k != 0 || s.shown.Pix[4*i] != 220 {
				t.Fatalf("window %d: something bright was laid on bright", key)
			}
		}
	}
}
