package picture

import (
	"slices"
	"sync"

	"github.com/fmkit/fmkit/shared/kernels"
)

// A view is the pixels of a picture, 4 bytes each.
type view struct {
	pix    []uint8
	stride int
	w, h   int
}

// row gives row y.
func (v view) row(y int) []uint8 { return v.pix[y*v.stride:][:4*v.w] }

// scratch is what one resampling needs beside its input and output.
type scratch struct {
	x, y   taps
	middle []uint8 // after the horizontal pass
	out    []uint8
	copied []uint8 // of the whole input: premultiplied, or gray
	across lineup
	table  [256]float32 // of levels to values
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// keptScratch is how many bytes of a scratch are worth keeping for the next picture.
const keptScratch = 32 << 20

func (s *scratch) release() {
	if cap(s.middle)+cap(s.out)+cap(s.copied) <= keptScratch {
		scratches.Put(s)
	}
}

// grow gives n bytes, of buf where it has them.
func grow(buf *[]uint8, n int) []uint8 {
	if cap(*buf) < n {
		*buf = make([]uint8, n)
	}
	return (*buf)[:n]
}

// verticalFirst says which pass Pillow runs first since version 13, to spare work: the vertical one where more than twice as many rows go as
// columns. Up to version 12 it was always the horizontal one; the results differ by the rounding, and where a filter overshoots by the clamping,
// between the passes.
func verticalFirst(w, h, toW, toH int) bool {
	return h > toH && h-toH > 2*(w-toW)
}

// resample makes to, one pixel for each of s.x in every row and one row for each of s.y: all channels alike, 8 bits between the passes.
func (s *scratch) resample(to, from view, verticalFirst bool) {
	left, right := s.x.span()
	top, bottom := s.y.span()
	switch {
	case s.x.whole && s.y.whole:
		for y := range to.h {
			copy(to.row(y), from.row(top + y)[4*left:])
		}
	case s.x.whole:
		vertical(to, from, &s.y, left, 0)
	case s.y.whole:
		s.horizontals(0, from.w)
		for y := range to.h {
			s.horizontal(to.row(y), from.row(top+y))
		}
	case verticalFirst:
		middle := view{grow(&s.middle, 4*(right-left)*to.h), 4 * (right - left), right - left, to.h}
		vertical(middle, from, &s.y, left, 0)
		s.horizontals(left, middle.w)
		for y := range to.h {
			s.horizontal(to.row(y), middle.row(y))
		}
	default:
		middle := view{grow(&s.middle, 4*to.w*(bottom-top)), 4 * to.w, to.w, bottom - top}
		s.horizontals(0, from.w)
		for y := range middle.h {
			s.horizontal(middle.row(y), from.row(top+y))
		}
		vertical(to, middle, &s.y, 0, top)
	}
}

// A lineup is the weights of a horizontal pass as the kernel wants them.
type lineup struct {
	first   []int32 // of the line that is read
	weights []int32 // [outputs, size, 4]: every weight four times
	size    int     // a multiple of 4
	line    []uint8 // a row, and behind it what the kernel reads under weights of 0
}

// horizontals prepares rows that begin at pixel left and have n of them.
func (s *scratch) horizontals(left, n int) {
	t, l := &s.x, &s.across
	most := int32(1)
	for _, c := range t.count {
		most = max(most, c)
	}
	l.size = int(most+3) &^ 3
	l.first, l.weights = l.first[:0], slices.Grow(l.weights[:0], 4*len(t.first)*l.size)
	for i, f := range t.first {
		l.first = append(l.first, f-int32(left))
		for j := range l.size {
			w := int32(0)
			if j < int(t.count[i]) {
				w = t.weights[i*t.size+j]
			}
			l.weights = append(l.weights, w, w, w, w)
		}
	}
	l.line = grow(&l.line, 4*(n+l.size))
}

// horizontal sets to[i] = sum over j of weights[i][j] from[first[i]+j], rounded and clamped, after horizontals.
func (s *scratch) horizontal(to, from []uint8) {
	l := &s.across
	copy(l.line, from)
	kernels.WeighPixels(to, l.line, l.first, l.weights, l.size)
}

// vertical sets row i of to to the sum over j of weights[i][j] times row first[i]+j-top of from, whose columns start at left.
func vertical(to, from view, t *taps, left, top int) {
	for y, first := range t.first {
		weights := t.weights[y*t.size:][:t.count[y]]
		if len(weights) == 0 {
			clear(to.row(y))
			continue
		}
		kernels.WeighRows(to.row(y), from.pix[(int(first)-top)*from.stride+4*left:], from.stride, weights)
	}
}

func clamp(v int32) uint8 { return uint8(min(max(v, 0), 255)) }
