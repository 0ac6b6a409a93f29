package train

import (
	"image"

	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision/picture"
)

// A view is how a window is taken out of a picture.
type view struct {
	at   image.Point // its corner
	side int         // pixels of the window
	zoom int         // pixels of the picture that a pixel of the window stands for, in 1/256
	turn int         // a way of picture.Turn
	gain int         // of brightness, in 1/256

	negative bool // white is shown for black
}

// draw chooses a view by key: with the chance focus round one of the boxes, so that its middle is in the window. Else, where a template proposes
// places, round one of them, its middle up to spread pixels off, and where none does, anywhere.
func (c *Config) draw(m *marked, side int, key uint64) view {
	s := random.New(key)
	w, h := m.picture.Rect.Dx(), m.picture.Rect.Dy()
	v := view{side: side, zoom: 256, turn: s.IntN(picture.Turns), gain: 256}
	if c.Upright {
		v.turn = 0
	}
	if c.Negative {
		v.negative = s.IntN(2) == 1
	}
	if most := int(256 * c.Gain); most > 0 {
		v.gain += s.IntN(2*most+1) - most
	}
	if most := int(256 * c.Zoom); most > 0 {
		v.zoom += s.IntN(2*most+1) - most
		side = side * v.zoom >> 8
	}
	if place := s.Float64(); len(m.places) > 0 && place >= c.Focus {
		p := m.places[s.IntN(len(m.places))]
		v.at = image.Pt(p.X-side/2+s.IntN(2*spread+1)-spread, p.Y-side/2+s.IntN(2*spread+1)-spread)
		return v
	} else if len(m.boxes) > 0 && place < c.Focus {
		b := m.boxes[s.IntN(len(m.boxes))].Box
		v.at = image.Pt(int(b.XMin+b.XMax)/2-s.IntN(side), int(b.YMin+b.YMax)/2-s.IntN(side))
	} else {
		v.at = image.Pt(s.IntN(max(1, w-side+1)), s.IntN(max(1, h-side+1)))
	}
	v.at.X, v.at.Y = max(0, min(v.at.X, w-side)), max(0, min(v.at.Y, h-side))
	return v
}

// spread is how far a window's middle lies off a proposed place at most, each way, pixels.
const spread = 8

// take sets pixels to the window of m, between its pixels by bilinear weights, and marks to that of its marks, the nearest. Past the edges of a picture its last pixels go
// on, and nothing is marked. The light comes later (shade).
func (v *view) take(pixels *image.NRGBA, marks []uint8, m *marked) {
	first := image.Pt(v.at.X<<8+(v.zoom-256)/2, v.at.Y<<8+(v.zoom-256)/2) // the middle of the window's first pixel, in 1/256
	for y := range v.side {
		for x := range v.side {
			i, j := picture.Turn(x, y, v.side, v.turn)
			p := first.Add(image.Pt(i*v.zoom, j*v.zoom))
			marks[y*v.side+x] = 0
			if near := image.Pt((p.X+128)>>8, (p.Y+128)>>8); near.In(m.picture.Rect) {
				marks[y*v.side+x] = m.marks.Pix[near.Y*m.marks.Stride+near.X]
			}
			picture.Between(pixels.Pix[y*pixels.Stride+4*x:][:4], m.picture, p.X<<8, p.Y<<8)
		}
	}
}

// shade makes a window that was taken a negative, and brighter or darker.
func (v *view) shade(pixels *image.NRGBA) {
	for i, u := range pixels.Pix {
		if i%4 == 3 {
			continue
		}
		if v.negative {
			u = 255 - u
		}
		pixels.Pix[i] = uint8(min(255, (int(u)*v.gain+128)>>8))
	}
}

// cover sets targets [N, K] to the share of each patch's pixels that bear each mark.
func cover(targets []float32, marks []uint8, side, patch, k int) {
	clear(targets)
	one := 1 / float32(patch*patch)
	for y := range side {
		for x := range side {
			targets[((y/patch)*(side/patch)+x/patch)*k+int(marks[y*side+x])] += one
		}
	}
}

// space is what one window is made in.
type space struct {
	shown *image.NRGBA
	marks []uint8
	cut   cut // that is pasted, turned
	err   error
}

func newSpace(side int) space {
	return space{shown: image.NewNRGBA(image.Rect(0, 0, side, side)), marks: make([]uint8, side*side)}
}
