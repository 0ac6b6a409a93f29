package train

import (
	"image"
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/metrics"
)

// ramp is a picture whose pixels say where they lie, with marks that say it too.
func ramp(w, h int) *marked {
	m := &marked{picture: image.NewNRGBA(image.Rect(0, 0, w, h)), marks: image.NewGray(image.Rect(0, 0, w, h))}
	for y := range h {
		for x := range w {
			copy(m.picture.Pix[y*m.picture.Stride+4*x:], []uint8{uint8(x), uint8(y), 100, 255})
			m.marks.Pix[y*m.marks.Stride+x] = uint8(x + y)
		}
	}
	return m
}

// TestTurns: picture and marks are turned alike, each of the eight ways is another, and none loses a pixel.
func TestTurns(t *testing.T) {
	m, side := ramp(20, 20), 5
	var seen [][]byte
	for turn := range 8 {
		v := view{at: image.Pt(3, 7), side: side, zoom: 256, turn: turn, gain: 256}
		s := newSpace(side)
		v.take(s.shown, s.marks, m)
		all := map[[2]uint8]bool{}
		for i, k := range s.marks {
			p := s.shown.Pix[4*i:]
			if p[0]+p[1] != k {
				t.Fatalf("turn %d: pixel %d is from (%d, %d), its mark is %d", turn, i, p[0], p[1], k)
			}
			if p[0] < 3 || p[0] > 7 || p[1] < 7 || p[1] > 11 {
				t.Fatalf("turn %d: pixel %d is from (%d, %d)", turn, i, p[0], p[1])
			}
			all[[2]uint8{p[0], p[1]}] = true
		}
		if len(all) != side*side {
			t.Errorf("turn %d: got %d pixels, want %d", turn, len(all), side*side)
		}
		for _, other := range seen {
			if slices.Equal(other, s.shown.Pix) {
				t.Errorf("turn %d is another one too", turn)
			}
		}
		seen = append(seen, s.shown.Pix)
	}
}

func TestTakePastTheEdge(t *testing.T) {
	m := ramp(10, 8)
	v := view{at: image.Pt(-4, 5), side: 8, zoom: 256, gain: 512}
	s := newSpace(8)
	v.take(s.shown, s.marks, m)
	v.shade(s.shown)
	for y := range 8 {
		for x := range 8 {
			p, inside := s.shown.Pix[y*s.shown.Stride+4*x:], x >= 4 && y < 3
			if want := uint8(2 * max(0, x-4)); p[0] != want {
				t.Errorf("(%d, %d): got %d, want %d", x, y, p[0], want)
			}
			if (s.marks[y*8+x] != 0) != inside {
				t.Errorf("(%d, %d): mark %d", x, y, s.marks[y*8+x])
			}
		}
	}
}

// TestZoom: a window covers as much more of the picture as its pixels stand for, its middle stays, and colors lie between those of pixels.
func TestZoom(t *testing.T) {
	m, side := ramp(60, 60), 8
	for _, zoom := range []int{128, 192, 256, 384, 512} {
		v := view{at: image.Pt(20, 12), side: side, zoom: zoom, gain: 256}
		s := newSpace(side)
		v.take(s.shown, s.marks, m)
		for y := range side {
			for x := range side {
				i := y*side + x
				at := func(i, corner int) float64 { return float64(corner) - 0.5 + (float64(i)+0.5)*float64(zoom)/256 }
				p, want := s.shown.Pix[4*i:], [2]float64{at(x, 20), at(y, 12)}
				for c := range 2 {
					if math.Abs(float64(p[c])-want[c]) > 0.5 {
						t.Errorf("zoom %d: pixel (%d, %d) is from %v, want %v", zoom, x, y, p[:2], want)
					}
				}
				if p[2] != 100 || p[3] != 255 || math.Abs(float64(s.marks[i])-want[0]-want[1]) > 1 {
					t.Errorf("zoom %d: pixel (%d, %d): %v, mark %d", zoom, x, y, p[:4], s.marks[i])
				}
			}
		}
	}
	c := Default(false)
	c.Zoom, c.Focus = 0.25, 0
	least, most := 256, 256
	for key := range uint64(1000) {
		v := c.draw(m, side, key)
		least, most = min(least, v.zoom), max(most, v.zoom)
		extent := side * v.zoom >> 8
		if r := (image.Rectangle{Min: v.at, Max: v.at.Add(image.Pt(extent, extent))}); !r.In(m.picture.Rect) {
			t.Fatalf("view %v outside", r)
		}
	}
	if least != 192 || most != 320 {
		t.Errorf("zooms from %d to %d, want 192 to 320", least, most)
	}
}

func TestCover(t *testing.T) {
	marks := make([]uint8, 8*8)
	for y := 2; y < 6; y++ { // a quarter of each patch
		for x := 2; x < 6; x++ {
			marks[y*8+x] = 2
		}
	}
	marks[0] = 1
	got := normals(4*3, 1)
	cover(got, marks, 8, 4, 3)
	want := []float32{0.6875, 0.0625, 0.25, 0.75, 0, 0.25, 0.75, 0, 0.25, 0.75, 0, 0.25}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestDraw: views lie in the picture or round a place, and a share of them holds the middle of a box.
func TestDraw(t *testing.T) {
	c := Default(false)
	c.Focus, c.Zoom = 0.5, 0
	m := ramp(200, 100)
	m.boxes = []metrics.TrueBox{{Box: metrics.Box{XMin: 4, YMin: 6, XMax: 8, YMax: 10}}}
	const n, side = 4000, 32
	with, turns := 0, [8]int{}
	for key := range uint64(n) {
		v := c.draw(m, side, key)
		r := image.Rectangle{Min: v.at, Max: v.at.Add(image.Pt(side, side))}
		if !r.In(m.picture.Rect) {
			t.Fatalf("view %v outside", r)
		}
		if image.Pt(6, 8).In(r) {
			with++
		}
		turns[v.turn]++
		if v.gain < 256-25 || v.gain > 256+25 {
			t.Fatalf("gain %d", v.gain)
		}
	}
	if share := float64(with) / n; share < 0.48 || share > 0.58 {
		t.Errorf("%.3f of the views hold the box, want a half and some by chance", share)
	}
	for i, k := range turns {
		if k < n/8-120 || k > n/8+120 {
			t.Errorf("turn %d: %d of %d", i, k, n)
		}
	}
	m.places, c.Focus = []image.Point{{190, 2}}, 0
	for key := range uint64(500) {
		v := c.draw(m, side, key)
		if d := v.at.Add(image.Pt(side/2, side/2)).Sub(m.places[0]); max(d.X, -d.X, d.Y, -d.Y) > spread {
			t.Fatalf("middle %v off", d)
		}
	}
}
