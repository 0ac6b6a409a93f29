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

// resample makes to, one pixel for each of s.x in every row and one row for each of s.y: all channels alike, the horizontal pass first, 8 bits
// between the passes.
func (s *scratch) resample(to, from view) {
	first, end := s.y.span()
	if s.x.whole && s.y.whole {
		left := 4 * int(s.x.first[0])
		for y := range to.h {
			copy(to.row(y), from.row(first + y)[left:])
		}
		return
	}
	if s.x.whole {
		middle := from
		middle.pix = from.pix[4*int(s.x.first[0]):]
		middle.w = to.w
		vertical(to, middle, &s.y, 0)
		return
	}
	if s.y.whole {
		for y := range to.h {
			horizontal(to.row(y), from.row(first+y), &s.x)
		}
		return
	}
	middle := view{grow(&s.middle, 4*to.w*(end-first)), 4 * to.w, to.w, end - first}
	for y := first; y < end; y++ {
		horizontal(middle.row(y-first), from.row(y), &s.x)
	}
	vertical(to, middle, &s.y, first)
}

// Two channels are summed in one 64-bit integer, 32 bits each: the lower borrows from the upper what rest gives back.
const (
	half  = 1 << (weightBits - 1)
	halfs = half | half<<32
)

// horizontal sets to[i] = sum over j of weights[i][j] from[first[i]+j], rounded and clamped.
func horizontal(to, from []uint8, t *taps) {
	for i, first := range t.first {
		weights := t.weights[i*t.size:][:t.count[i]]
		p := from[4*first:][:4*len(weights)]
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

// vertical sets row i of to to the sum over j of weights[i][j] times row first[i]+j-top of from.
func vertical(to, from view, t *taps, top int) {
	for y, first := range t.first {
		weights := t.weights[y*t.size:][:t.count[y]]
		rows := from.pix[(int(first)-top)*from.stride:]
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
