package inspector

import (
	"image"
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
)

// An alignment says which pixel of a template a pixel of a picture of w x h lies over: p over p + (x, y), where
//
//	x = x0 + x1 u + x2 v,  y = y0 + y1 u + y2 v,  rounded,
//
// and u and v run from -1 to 1 from one edge of the picture to the other. So it may be moved, stretched, sheared and slightly turned.
type alignment struct {
	w, h int
	x, y [3]float64
}

// at gives (x, y) of a pixel, not rounded.
func (a *alignment) at(px, py int) (x, y float64) {
	return linear(&a.x, a.u(px), a.v(py)), linear(&a.y, a.u(px), a.v(py))
}

func (a *alignment) u(px int) float64 { return float64(2*px+1)/float64(a.w) - 1 }
func (a *alignment) v(py int) float64 { return float64(2*py+1)/float64(a.h) - 1 }

func linear(c *[3]float64, u, v float64) float64 {
	return c[0] + float64(c[1]*u) + float64(c[2]*v)
}

// laid is a template as it lies over a picture.
type laid struct {
	pix    []uint8         // [H, W]; past the template's edges its last pixels go on
	inside image.Rectangle // of the pixels that have one of the template
}

// lay brings template over a picture.
func (a *alignment) lay(template *image.Gray) *laid {
	l := &laid{pix: make([]uint8, a.w*a.h), inside: image.Rect(0, 0, a.w, a.h)}
	along := make([][2]float64, a.w) // x and y but for what v adds
	for px := range along {
		u := a.u(px)
		along[px] = [2]float64{a.x[0] + float64(a.x[1]*u), a.y[0] + float64(a.y[1]*u)}
	}
	for py := range a.h {
		v := a.v(py)
		x2, y2, row := float64(a.x[2]*v), float64(a.y[2]*v), l.pix[py*a.w:(py+1)*a.w]
		for px, c := range along {
			q := image.Pt(px+int(math.Round(c[0]+x2)), py+int(math.Round(c[1]+y2)))
			row[px] = template.Pix[min(max(q.Y, 0), a.h-1)*template.Stride+min(max(q.X, 0), a.w-1)]
		}
	}
	for _, p := range []image.Point{{}, {a.w - 1, 0}, {0, a.h - 1}, {a.w - 1, a.h - 1}} { // what is linear is greatest in a corner
		x, y := a.at(p.X, p.Y)
		dx, dy := int(math.Round(x)), int(math.Round(y))
		if p.X == 0 {
			l.inside.Min.X = max(l.inside.Min.X, -dx)
		} else {
			l.inside.Max.X = min(l.inside.Max.X, a.w-dx)
		}
		if p.Y == 0 {
			l.inside.Min.Y = max(l.inside.Min.Y, -dy)
		} else {
			l.inside.Max.Y = min(l.inside.Max.Y, a.h-dy)
		}
	}
	return l
}

// align finds how template lies under test: moved by at most limit pixels in the middle (Shift), and up to stretch pixels farther or less far towards the edges.
func align(test, template *image.Gray, limit, stretch int) (*alignment, error) {
	by, err := Shift(test, template, limit)
	if err != nil {
		return nil, err
	}
	a := &alignment{w: test.Bounds().Dx(), h: test.Bounds().Dy(), x: [3]float64{float64(by.X)}, y: [3]float64{float64(by.Y)}}
	if t := newTiles(test, template, by, stretch); t != nil {
		t.search(a)
	}
	return a, nil
}

// tilesAcross is how many tiles a side has.
const tilesAcross = 6

// tiles are the parts of a picture, each with what it differs from the template where that is moved by a little more or less.
type tiles struct {
	test, template *image.Gray
	by             image.Point
	reach          int // how much more or less, each way
	at             []image.Rectangle
	costs          []float64 // [tiles, 2 reach + 1, 2 reach + 1] sums of absolute differences
}

// newTiles compares the tiles of test with template moved by about by. It is nil where there is nothing to look for, or no room to.
func newTiles(test, template *image.Gray, by image.Point, reach int) *tiles {
	w, h := test.Bounds().Dx(), test.Bounds().Dy()
	t := &tiles{test: test, template: template, by: by, reach: reach}
	room := image.Rect(0, 0, w, h).Intersect(image.Rect(0, 0, w, h).Sub(by)).Inset(reach)
	if reach < 1 || room.Dx() < 16*tilesAcross || room.Dy() < 16*tilesAcross {
		return nil
	}
	for i := range tilesAcross {
		for j := range tilesAcross {
			t.at = append(t.at, image.Rect(
				room.Min.X+room.Dx()*j/tilesAcross, room.Min.Y+room.Dy()*i/tilesAcross, room.Min.X+room.Dx()*(j+1)/tilesAcross, room.Min.Y+room.Dy()*(i+1)/tilesAcross,
			))
		}
	}
	side := 2*reach + 1
	t.costs = make([]float64, len(t.at)*side*side)
	kernels.Parallel(len(t.at), t)
	return t
}

// Run compares one tile, every second pixel of every second row.
func (t *tiles) Run(part int) {
	side, in := 2*t.reach+1, t.at[part]
	for i := range side {
		for j := range side {
			var sum int64
			for y := in.Min.Y; y < in.Max.Y; y += 2 {
				a := t.test.Pix[y*t.test.Stride+in.Min.X:][:in.Dx()]
				b := t.template.Pix[(y+t.by.Y+i-t.reach)*t.template.Stride+in.Min.X+t.by.X+j-t.reach:][:in.Dx()]
				for x := 0; x < len(a); x += 2 {
					d := int64(a[x]) - int64(b[x])
					sum += max(d, -d)
				}
			}
			t.costs[(part*side+i)*side+j] = float64(sum)
		}
	}
}

// cost is how much the picture differs from the template under a: each tile as it lies in its middle, between whole pixels by interpolation.
func (t *tiles) cost(a *alignment) float64 {
	side, reach := 2*t.reach+1, float64(t.reach)
	var sum float64
	for k, r := range t.at {
		x, y := a.at((r.Min.X+r.Max.X)/2, (r.Min.Y+r.Max.Y)/2)
		x = min(max(x-float64(t.by.X)+reach, 0), 2*reach)
		y = min(max(y-float64(t.by.Y)+reach, 0), 2*reach)
		j, i := min(int(x), side-2), min(int(y), side-2)
		x, y = x-float64(j), y-float64(i)
		c := t.costs[(k*side+i)*side+j:]
		top := c[0] + float64(x*(c[1]-c[0]))
		bottom := c[side] + float64(x*(c[side+1]-c[side]))
		sum += top + float64(y*(bottom-top))
	}
	return sum
}

// search changes a to what costs least: its three numbers for x and those for y in turn, over a grid that gets finer. The smallest change wins ties. No tile is asked for a shift of
// its own, for one with lines in one direction alone can't tell.
func (t *tiles) search(a *alignment) {
	least := t.cost(a)
	for step := 1.0; step >= 0.25; step /= 2 {
		reach := 2
		if step == 1 {
			reach = t.reach
		}
		for range 2 {
			for _, c := range []*[3]float64{&a.x, &a.y} {
				from, best := *c, *c
				for _, k := range steps(reach) {
					for n := range c {
						c[n] = from[n] + float64(step*float64(k[n]))
					}
					if v := t.cost(a); v < least {
						least, best = v, *c
					}
				}
				*c = best
			}
		}
	}
}

// steps are the points of a grid of three dimensions, the closest to its middle first.
func steps(reach int) (all [][3]int) {
	for size := range reach + 1 {
		for i := -size; i <= size; i++ {
			for j := -size; j <= size; j++ {
				for k := -size; k <= size; k++ {
					if max(i, -i, j, -j, k, -k) == size {
						all = append(all, [3]int{i, j, k})
					}
				}
			}
		}
	}
	return all
}
