package picture

import "image"

// Planes sets dst [C, H, W] to the colours of m, whatever their alpha; with one channel to the luma of Pillow's mode L.
func Planes(dst []byte, m *image.NRGBA, channels int) {
	w, plane := m.Rect.Dx(), m.Rect.Dx()*m.Rect.Dy()
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride:][:4*w]
		for x := range w {
			at, r, g, b := y*w+x, row[4*x], row[4*x+1], row[4*x+2]
			if channels == 1 {
				dst[at] = Luma(r, g, b)
				continue
			}
			dst[at], dst[plane+at], dst[2*plane+at] = r, g, b
		}
	}
}

// FromPlanes sets m, which becomes opaque, to planes [C, H, W] of its size: 3, or 1 for a gray picture.
func FromPlanes(m *image.NRGBA, planes []byte) {
	w, plane := m.Rect.Dx(), m.Rect.Dx()*m.Rect.Dy()
	green, blue := 0, 0
	if len(planes) == 3*plane {
		green, blue = plane, 2*plane
	}
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride:][:4*w]
		for x := range w {
			at := y*w + x
			row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = planes[at], planes[green+at], planes[blue+at], 0xff
		}
	}
}
