package picture

import (
	"fmt"
	"image"
)

// Process writes the model input of m to dst [C, H, W]. It is the slow (Pillow and numpy) processor of transformers to the bit: colours as they are
// stored, whatever their alpha; with one channel the luma of Pillow's mode L. It makes no garbage.
func (p *Processor) Process(dst []float32, m *image.NRGBA) error {
	s := scratches.Get().(*scratch)
	defer s.release()
	out, x, y, err := p.fit(s, m, len(dst))
	if err != nil {
		return err
	}
	w, h := p.Size()
	for c := range p.Channels() {
		p.tabulate(&s.table, c)
		render(dst[c*w*h:][:w*h], out, x, y, w, c, func(level uint8) float32 { return s.table[level] })
	}
	return nil
}

// Levels writes the levels of m, resized and cropped, to dst [C, H, W]: those that Process makes values of.
func (p *Processor) Levels(dst []byte, m *image.NRGBA) error {
	s := scratches.Get().(*scratch)
	defer s.release()
	out, x, y, err := p.fit(s, m, len(dst))
	if err != nil {
		return err
	}
	w, h := p.Size()
	for c := range p.Channels() {
		render(dst[c*w*h:][:w*h], out, x, y, w, c, func(level uint8) byte { return level })
	}
	return nil
}

// Values writes the values of levels [C, H, W] to dst of the same shape. After Levels, they are those of Process.
func (p *Processor) Values(dst []float32, levels []byte) error {
	w, h := p.Size()
	if n := p.Channels() * w * h; len(dst) != n || len(levels) != n {
		return fmt.Errorf("picture: values: got room for %d and %d levels, want %d*%d*%d", len(dst), len(levels), p.Channels(), h, w)
	}
	var table [256]float32
	for c := range p.Channels() {
		p.tabulate(&table, c)
		to := dst[c*w*h:][:w*h]
		for i, level := range levels[c*w*h:][:w*h] {
			to[i] = table[level]
		}
	}
	return nil
}

// tabulate gives every level of a channel its value.
func (p *Processor) tabulate(table *[256]float32, c int) {
	for level := range table {
		table[level] = p.value(c, uint8(level))
	}
}

// fit resizes m to what fits the result, of size values: out, which lies in its middle, or whose middle it is.
func (p *Processor) fit(s *scratch, m *image.NRGBA, size int) (out view, x, y place, err error) {
	if err := p.Validate(); err != nil {
		return out, x, y, err
	}
	from, ok := viewOf(m)
	if !ok {
		return out, x, y, fmt.Errorf("picture: process: %w: got no pixels", ErrDecode)
	}
	w, h := p.Size()
	channels := p.Channels()
	if size != channels*w*h {
		return out, x, y, fmt.Errorf("picture: process: got room for %d values, want %d*%d*%d", size, channels, h, w)
	}
	if channels == 1 {
		from = s.luma(from)
	}
	fullW, fullH := p.resized(from.w, from.h)
	x, y = placed(fullW, w), placed(fullH, h)
	f := p.Filter
	if fullW == from.w && fullH == from.h {
		f = Nearest // every pixel itself
	}
	s.x.resize(from.w, fullW, x.from, x.from+x.n, f)
	s.y.resize(from.h, fullH, y.from, y.from+y.n, f)
	out = view{grow(&s.out, 4*x.n*y.n), 4 * x.n, x.n, y.n}
	s.resample(out, from, verticalFirst(from.w, from.h, fullW, fullH))
	return out, x, y, nil
}

// render writes channel c of out to its place in a plane of width w; around it is black.
func render[T any](plane []T, out view, x, y place, w, c int, value func(level uint8) T) {
	if x.n != w || y.n*w != len(plane) {
		black := value(0)
		for i := range plane {
			plane[i] = black
		}
	}
	for i := range y.n {
		row := out.row(i)
		to := plane[(y.to+i)*w+x.to:][:x.n]
		for j := range to {
			to[j] = value(row[4*j+c])
		}
	}
}

// resized gives the size of a picture after resizing. The longer side is rounded down.
func (p *Processor) resized(w, h int) (int, int) {
	switch {
	case !p.Resize:
		return w, h
	case p.ShortestEdge == 0:
		return p.Width, p.Height
	case w <= h:
		return p.ShortestEdge, p.ShortestEdge * h / w
	}
	return p.ShortestEdge * w / h, p.ShortestEdge
}

// A place is where the middle of a line goes: n pixels, read at from, written at to.
type place struct{ from, to, n int }

// placed puts the middle of have pixels in the middle of want. Where they can't be halved the left one is cut short, and padded the more.
func placed(have, want int) place {
	if have >= want {
		return place{(have - want) / 2, 0, want}
	}
	return place{0, (want - have + 1) / 2, have}
}

// luma gives a copy of the picture with L = (19595 R + 38470 G + 7471 B + 2^15) / 2^16 in every colour (ITU-R 601-2, as Pillow rounds it).
func (s *scratch) luma(from view) view {
	to := view{grow(&s.copied, 4*from.w*from.h), 4 * from.w, from.w, from.h}
	for y := range from.h {
		in, out := from.row(y), to.row(y)
		for i := 0; i+4 <= len(in); i += 4 {
			l := Luma(in[i], in[i+1], in[i+2])
			out[i], out[i+1], out[i+2], out[i+3] = l, l, l, 0xff
		}
	}
	return to
}

// Luma is that of Pillow's mode L, by whole-number weights of ITU-R 601-2.
func Luma(r, g, b uint8) uint8 {
	return uint8((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16)
}
