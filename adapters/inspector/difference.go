package inspector

import (
	"image"

	"github.com/fmkit/fmkit/shared/kernels"
)

// Difference compares test with template, which it finds moved by shift, and forgives edges that lie up to tolerance pixels off. Both results are
// [H, W], in the coordinates of test:
//
//	extra[p]   = min over |q-p| <= tolerance of |test(p) - template(q + shift)|: what test has and template hasn't
//	missing[p] = min over |q-p| <= tolerance of |template(p + shift) - test(q)|: what template has and test lacks
//
// The neighbourhoods are squares. Pixels whose neighbourhood isn't wholly inside both pictures are 0: at the border an edge that has moved out can't be
// told from one that is missing (on DeepPCB three false boxes in five were there). Sizes must be equal.
func Difference(test, template *image.Gray, shift image.Point, tolerance int) (extra, missing []uint8, err error) {
	if err := samePicture(test, template, 0); err != nil {
		return nil, nil, err
	}
	a := &alignment{w: test.Bounds().Dx(), h: test.Bounds().Dy(), x: [3]float64{float64(shift.X)}, y: [3]float64{float64(shift.Y)}}
	extra, missing = a.lay(template).difference(test, tolerance)
	return extra, missing, nil
}

// difference is Difference of a template that lies over test.
func (l *laid) difference(test *image.Gray, tolerance int) (extra, missing []uint8) {
	tolerance = max(0, tolerance)
	w, h := test.Bounds().Dx(), test.Bounds().Dy()
	n := w * h
	all := make([]uint8, 3*n)
	d := &difference{w: w, tolerance: tolerance, test: all[:n], moved: l.pix, extra: all[n : 2*n], missing: all[2*n:]}
	for y := range h {
		copy(d.test[y*w:(y+1)*w], test.Pix[y*test.Stride:])
	}
	in := l.inside.Inset(tolerance)
	d.rows, d.cols = [2]int{in.Min.Y, in.Max.Y}, [2]int{in.Min.X, in.Max.X}
	if !in.Empty() {
		kernels.Parallel((h+rowsPerPart-1)/rowsPerPart, d)
	}
	return d.extra, d.missing
}

// rowsPerPart is how many rows one part of the work has.
const rowsPerPart = 32

type difference struct {
	w, tolerance                int
	rows, cols                  [2]int  // from and to, of the pixels compared
	test, moved, extra, missing []uint8 // [H, W]
}

// Run compares some rows in both directions.
func (d *difference) Run(part int) {
	from, to := max(part*rowsPerPart, d.rows[0]), min((part+1)*rowsPerPart, d.rows[1])
	wide := d.cols[1] - d.cols[0] + 2*d.tolerance
	lows, highs := make([]uint8, wide), make([]uint8, wide)
	for y := from; y < to; y++ {
		d.row(d.extra, d.test, d.moved, y, lows, highs)
		d.row(d.missing, d.moved, d.test, y, lows, highs)
	}
}

// row sets row y of dst to the difference of a from the neighbourhoods of b. A value below or above all of its neighbourhood is as far from it as from its
// least or greatest value; only where it lies between are the neighbours looked at one by one.
func (d *difference) row(dst, a, b []uint8, y int, lows, highs []uint8) {
	side, top, left := 2*d.tolerance+1, y-d.tolerance, d.cols[0]-d.tolerance
	copy(lows, b[top*d.w+left:])
	copy(highs, lows)
	for i := 1; i < side; i++ {
		for x, v := range b[(top+i)*d.w+left:][:len(lows)] {
			lows[x] = min(lows[x], v)
			highs[x] = max(highs[x], v)
		}
	}
	in, out := a[y*d.w:], dst[y*d.w:]
	for x := d.cols[0]; x < d.cols[1]; x++ {
		v, low, high := in[x], lows[x-d.cols[0]], highs[x-d.cols[0]]
		for _, u := range lows[x-d.cols[0]:][:side] {
			low = min(low, u)
		}
		for _, u := range highs[x-d.cols[0]:][:side] {
			high = max(high, u)
		}
		switch {
		case v <= low:
			out[x] = low - v
		case v >= high:
			out[x] = v - high
		default:
			out[x] = d.closest(b[top*d.w+x-d.tolerance:], v, side)
		}
	}
}

// closest is the least difference of v from the square of the given side at the start of b.
func (d *difference) closest(b []uint8, v uint8, side int) uint8 {
	best := uint8(255)
	for i := range side {
		for _, u := range b[i*d.w:][:side] {
			best = min(best, max(u, v)-min(u, v))
		}
		if best == 0 {
			break
		}
	}
	return best
}
