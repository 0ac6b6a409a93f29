package picture

import (
	"encoding/binary"
	"sync"
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
	gray   []uint8
	table  []float32
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// keptScratch is how many bytes of a scratch are worth keeping for the next picture.
const keptScratch = 32 << 20

func (s *scratch) release() {
	if cap(s.middle)+cap(s.out)+cap(s.gray) <= keptScratch {
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

// verticalFirst says which pass Pillow runs first since version 13, to spare work: the vertical one where more than twice as many rows go as columns. Up to version
// 12 it was always the horizontal one; the results differ by the rounding, and where a filter overshoots by the clamping, between the passes.
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
		for y := range to.h {
			horizontal(to.row(y), from.row(top+y), &s.x, 0)
		}
	case verticalFirst:
		middle := view{grow(&s.middle, 4*(right-left)*to.h), 4 * (right - left), right - left, to.h}
		vertical(middle, from, &s.y, left, 0)
		for y := range to.h {
			horizontal(to.row(y), middle.row(y), &s.x, left)
		}
	default:
		middle := view{grow(&s.middle, 4*to.w*(bottom-top)), 4 * to.w, to.w, bottom - top}
		for y := range middle.h {
			horizontal(middle.row(y), from.row(top+y), &s.x, 0)
		}
		vertical(to, middle, &s.y, 0, top)
	}
}

// Two channels are summed in one 64-bit integer, 32 bits each: the lower borrows from the upper what rest gives back.
const (
	half  = 1 << (weightBits - 1)
	halfs = half | half<<32
)

// horizontal sets to[i] = sum over j of weights[i][j] from[first[i]+j-left], rounded and clamped.
func horizontal(to, from []uint8, t *taps, left int) {
	for i, first := range t.first {
		weights := t.weights[i*t.size:][:t.count[i]]
		p := from[4*(int(first)-left):][:4*len(weights)]
		rb, ga := int64(halfs), int64(halfs)
		for _, w := range weights {
			v := uint64(binary.LittleEndian.Uint32(p))
			p = p[4:]
			rb += int64(v&0xff|v&0xff0000<<16) * int64(w)
			ga += int64(v>>8&0xff|v&0xff000000<<8) * int64(w)
		}
		put(to[4*i:4*i+4:4*i+4], rb, ga)
	}
}

// vertical sets row i of to to the sum over j of weights[i][j] times row first[i]+j-top of from, whose columns start at left.
func vertical(to, from view, t *taps, left, top int) {
	for y, first := range t.first {
		weights := t.weights[y*t.size:][:t.count[y]]
		rows := from.pix[(int(first)-top)*from.stride+4*left:]
		row := to.row(y)
		for x := 0; x < len(row); x += 4 {
			rb, ga := int64(halfs), int64(halfs)
			at := x
			for _, w := range weights {
				v := uint64(binary.LittleEndian.Uint32(rows[at:]))
				at += from.stride
				rb += int64(v&0xff|v&0xff0000<<16) * int64(w)
				ga += int64(v>>8&0xff|v&0xff000000<<8) * int64(w)
			}
			put(row[x:x+4:x+4], rb, ga)
		}
	}
}

// put writes the four sums of a pixel.
func put(to []uint8, rb, ga int64) {
	r, g := int32(rb), int32(ga)
	to[0], to[1] = clamp(r>>weightBits), clamp(g>>weightBits)
	to[2], to[3] = clamp(int32((rb-int64(r))>>32)>>weightBits), clamp(int32((ga-int64(g))>>32)>>weightBits)
}

func clamp(v int32) uint8 { return uint8(min(max(v, 0), 255)) }
