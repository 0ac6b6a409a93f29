package picture

import (
	"encoding/binary"
	"image"
)

// Rotate gives m, of the same size, turned counter-clockwise about its middle. Pixels are interpolated bilinearly, in steps of 1/256 pixel; what
// comes from outside m is the pixel of its edge that is nearest.
func Rotate(m *image.NRGBA, degrees float64) *image.NRGBA {
	from, ok := viewOf(m)
	if !ok || !(degrees >= -1e6 && degrees <= 1e6) {
		return &image.NRGBA{}
	}
	const one = 1 << 16
	sin := int64(round(float64(one * sinPi(degrees/180))))
	cos := int64(round(float64(one * sinPi(degrees/180+0.5))))
	to := image.NewNRGBA(image.Rect(0, 0, from.w, from.h))
	cx, cy := int64(from.w-1), int64(from.h-1) // twice the middle
	for y := range from.h {
		dy := 2*int64(y) - cy
		for x := range from.w {
			dx := 2*int64(x) - cx
			// The image of a point whose y grows downward, in 1/65536 pixel.
			sx := (cx*one + dx*cos - dy*sin) >> 1
			sy := (cy*one + dx*sin + dy*cos) >> 1
			i := to.PixOffset(x, y)
			from.between(to.Pix[i:i+4:i+4], sx, sy)
		}
	}
	return to
}

// Between sets to [4] to the color of m at x, y, which are in 1/65536 pixel from the middle of its first one, by Rotate's rule. A picture without pixels leaves it as it is.
func Between(to []uint8, m *image.NRGBA, x, y int) {
	if from, ok := viewOf(m); ok {
		from.between(to, int64(x), int64(y))
	}
}

// between writes the pixel at x, y, which are in 1/65536 pixel.
func (v view) between(to []uint8, x, y int64) {
	x = min(max(x, 0), int64(v.w-1)<<16)
	y = min(max(y, 0), int64(v.h-1)<<16)
	x0, y0 := int(x>>16), int(y>>16)
	x1, y1 := min(x0+1, v.w-1), min(y0+1, v.h-1)
	fx, fy := uint32(x>>8&255), uint32(y>>8&255)
	top, bottom := v.pix[y0*v.stride:], v.pix[y1*v.stride:]
	a, b := binary.LittleEndian.Uint32(top[4*x0:]), binary.LittleEndian.Uint32(top[4*x1:])
	c, d := binary.LittleEndian.Uint32(bottom[4*x0:]), binary.LittleEndian.Uint32(bottom[4*x1:])
	for k := range 4 {
		shift := 8 * k
		u := (a>>shift&255)*(256-fx) + (b>>shift&255)*fx
		l := (c>>shift&255)*(256-fx) + (d>>shift&255)*fx
		to[k] = uint8((u*(256-fy) + l*fy + 1<<15) >> 16)
	}
}
