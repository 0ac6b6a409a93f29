package train

import (
	"fmt"
	"image"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/vision/picture"
)

// A cut is a defect without what is round it: a square of what it adds to a good picture, by the template of the picture that it is from.
type cut struct {
	side   int
	delta  []int16 // of brightness
	before []uint8 // brightness without the defect
	marks  []uint8
	plain  int // pixels that differ plainly
}

const (
	plain    = 64 // or more is a plain difference
	faint    = 32 // or more of a stack's difference belongs to the defect, and so does what lies up to reach pixels off, each way
	reach    = 3
	leastCut = 8 // plainly different pixels
)

// cutOut takes the defects of a picture that comes with a template out of it: those in the middle of a square that lies in the picture and that no other one touches.
func (m *marked) cutOut(template *image.NRGBA) ([]cut, error) {
	stack, err := inspector.DefaultTemplate().Stack(m.picture, template)
	if err != nil {
		return nil, fmt.Errorf("inspector: train: paste: %w", err)
	}
	near := spreadOut(stack)
	var all []cut
	for i := range m.boxes {
		r := square(m.boxes[i].Box)
		alone := r.In(stack.Rect)
		for j := range m.boxes {
			alone = alone && (i == j || !r.Overlaps(whole(m.boxes[j].Box)))
		}
		if !alone {
			continue
		}
		if c := m.cut(stack, near, r); c.plain >= leastCut {
			all = append(all, c)
		}
	}
	return all, nil
}

// cut takes out a square.
func (m *marked) cut(stack *image.NRGBA, near []bool, r image.Rectangle) cut {
	side := r.Dx()
	c := cut{side: side, delta: make([]int16, side*side), before: make([]uint8, side*side), marks: make([]uint8, side*side)}
	for y := range side {
		for x := range side {
			i, p := y*side+x, r.Min.Add(image.Pt(x, y))
			v := stack.Pix[stack.PixOffset(p.X, p.Y):]
			c.before[i], c.marks[i] = v[1], m.marks.GrayAt(p.X, p.Y).Y
			if near[p.Y*stack.Rect.Dx()+p.X] {
				c.delta[i] = int16(v[0]) - int16(v[1])
			}
			if c.delta[i] >= plain || c.delta[i] <= -plain {
				c.plain++
			}
		}
	}
	return c
}

// spreadOut says of every pixel of a stack whether one that differs is near.
func spreadOut(stack *image.NRGBA) []bool {
	w, h := stack.Rect.Dx(), stack.Rect.Dy()
	near := make([]bool, w*h)
	for y := range h {
		for x := range w {
			if stack.Pix[stack.PixOffset(x, y)+2] < faint {
				continue
			}
			for j := max(0, y-reach); j <= min(h-1, y+reach); j++ {
				for i := max(0, x-reach); i <= min(w-1, x+reach); i++ {
					near[j*w+i] = true
				}
			}
		}
	}
	return near
}

// square is the one round the middle of a box that is as wide as its longer side.
func square(b metrics.Box) image.Rectangle {
	r := whole(b)
	side := max(r.Dx(), r.Dy())
	at := image.Pt((r.Min.X+r.Max.X-side)/2, (r.Min.Y+r.Max.Y-side)/2)
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(side, side))}
}

// whole is a box of whole pixels.
func whole(b metrics.Box) image.Rectangle {
	return image.Rect(int(b.XMin), int(b.YMin), int(b.XMax), int(b.YMax))
}

// turned is the cut in a way of picture.Turn, in the memory of dst.
func (c *cut) turned(dst *cut, way int) *cut {
	dst.side, dst.plain = c.side, c.plain
	dst.delta, dst.before, dst.marks = dst.delta[:0], dst.before[:0], dst.marks[:0]
	for i := range c.side * c.side {
		x, y := picture.Turn(i%c.side, i/c.side, c.side, way)
		j := y*c.side + x
		dst.delta, dst.before, dst.marks = append(dst.delta, c.delta[j]), append(dst.before, c.before[j]), append(dst.marks, c.marks[j])
	}
	return dst
}
