package picture

import "image"

// maxSide bounds the pictures that functions here make or take.
const maxSide = 1 << 16

// viewOf gives the pixels of m, and whether there are any: a picture that is nil, empty, huge or lies about itself has none.
func viewOf(m *image.NRGBA) (view, bool) {
	if m == nil {
		return view{}, false
	}
	v := view{m.Pix, m.Stride, m.Rect.Dx(), m.Rect.Dy()}
	sound := v.w > 0 && v.h > 0 && v.w <= maxSide && v.h <= maxSide && v.stride >= 4*v.w && v.stride <= 1<<31 && len(v.pix) >= (v.h-1)*v.stride+4*v.w
	return v, sound
}

// Resize gives m [h, w], as Pillow's Image.resize does to the bit. Colours are weighed by their alpha, unless f is Nearest. A picture without pixels, an unknown filter, a
// side that is not positive or is more than 65,536 give an empty picture.
func Resize(m *image.NRGBA, w, h int, f Filter) *image.NRGBA {
	from, ok := viewOf(m)
	if !ok || w <= 0 || h <= 0 || w > maxSide || h > maxSide || f.Validate() != nil {
		return &image.NRGBA{}
	}
	s := scratches.Get().(*scratch)
	defer s.release()
	s.x.resize(from.w, w, 0, w, f)
	s.y.resize(from.h, h, 0, h, f)
	to := image.NewNRGBA(image.Rect(0, 0, w, h))
	toView, _ := viewOf(to)
	order := verticalFirst(from.w, from.h, w, h)
	if f == Nearest || opaque(from) || s.x.whole && s.y.whole {
		s.resample(toView, from, order)
		return to
	}
	s.resample(toView, s.premultiplied(from), order)
	unmultiply(to.Pix)
	return to
}

func opaque(v view) bool {
	for y := range v.h {
		row := v.row(y)
		for i := 3; i < len(row); i += 4 {
			if row[i] != 0xff {
				return false
			}
		}
	}
	return true
}

// premultiplied gives a copy whose colours are multiplied by their alpha.
func (s *scratch) premultiplied(from view) view {
	to := view{grow(&s.gray, 4*from.w*from.h), 4 * from.w, from.w, from.h}
	for y := range from.h {
		in, out := from.row(y), to.row(y)
		for i := 0; i < len(in); i += 4 {
			a := uint32(in[i+3])
			for c := range 3 {
				v := uint32(in[i+c])*a + 128
				out[i+c] = uint8((v>>8 + v) >> 8)
			}
			out[i+3] = in[i+3]
		}
	}
	return to
}

// unmultiply divides colours by their alpha.
func unmultiply(pix []uint8) {
	for i := 0; i < len(pix); i += 4 {
		a := uint32(pix[i+3])
		if a == 0 || a == 0xff {
			continue
		}
		for c := range 3 {
			pix[i+c] = uint8(min(255*uint32(pix[i+c])/a, 255))
		}
	}
}
