package train

import (
	"image"
	"math"

	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision/picture"
)

// Defects of some pictures are pasted into windows of others (Ghiasi et al., "Simple copy-paste is a strong data augmentation method for instance segmentation", CVPR 2021), so
// that no good part of a picture is known by never having had one. What is pasted is a difference, so it has no seam, and of several places it takes the one that
// looks most like where it is from (Dvornik et al., "Modeling visual context is key to augmenting object detection datasets", ECCV 2018).
const (
	mostPasted = 2    // in a window
	tries      = 16   // places
	visible    = 0.6  // of a cut's plainly different pixels have to be so in its place
	pasteKey   = 0x9e // makes the numbers of pasting others than those of the view
)

// paste lays, with the chance of the recipe, up to mostPasted cuts into a window, turned where windows are.
func (s *space) paste(cuts []cut, c *Config, key uint64) {
	r, side, ways := random.New(random.Mix(key, pasteKey)), s.shown.Rect.Dx(), picture.Turns
	if c.Upright {
		ways = 1
	}
	if r.Float64() >= c.Paste {
		return
	}
	for range 1 + r.IntN(mostPasted) {
		c, way := &cuts[r.IntN(len(cuts))], r.IntN(ways)
		if c.side > side {
			continue
		}
		c = c.turned(&s.cut, way)
		best, where := math.MaxInt, image.Point{}
		for range tries {
			at := image.Pt(r.IntN(side-c.side+1), r.IntN(side-c.side+1))
			if cost := s.cost(c, at, best); cost < best {
				best, where = cost, at
			}
		}
		if best < math.MaxInt {
			s.lay(c, where)
		}
	}
}

// cost is how much a place differs from what was under the defect, limit or more where that is no less, or something is marked there.
func (s *space) cost(c *cut, at image.Point, limit int) int {
	sum, side := 0, s.shown.Rect.Dx()
	for y := range c.side {
		marks, row := s.marks[(at.Y+y)*side+at.X:][:c.side], s.shown.Pix[s.shown.PixOffset(at.X, at.Y+y):]
		for x, k := range marks {
			if k != 0 {
				return limit
			}
			sum += differ(brightness(row[4*x:]), int(c.before[y*c.side+x]))
		}
		if sum >= limit {
			return limit
		}
	}
	return sum
}

// lay changes a place by the cut, unless too little of that would be seen.
func (s *space) lay(c *cut, at image.Point) {
	seen := 0
	for i, d := range c.delta {
		if d != 0 {
			old := brightness(s.shown.Pix[s.shown.PixOffset(at.X+i%c.side, at.Y+i/c.side):])
			if differ(old, min(255, max(0, old+int(d)))) >= plain {
				seen++
			}
		}
	}
	if float64(seen) < visible*float64(c.plain) {
		return
	}
	for i, d := range c.delta {
		p := at.Add(image.Pt(i%c.side, i/c.side))
		for j, v := range s.shown.Pix[s.shown.PixOffset(p.X, p.Y):][:3] {
			s.shown.Pix[s.shown.PixOffset(p.X, p.Y)+j] = uint8(min(255, max(0, int(v)+int(d))))
		}
		if k := c.marks[i]; k != 0 {
			s.marks[p.Y*s.shown.Rect.Dx()+p.X] = k
		}
	}
}

// brightness of a pixel as a stack of picture and template has it.
func brightness(p []uint8) int { return int(picture.Luma(p[0], p[1], p[2])) }

// differ is how far two values are apart.
func differ(a, b int) int { return max(a, b) - min(a, b) }
