package picture

import (
	"fmt"
	"image"
	"image/color"
)

// Convert copies any picture to 8 bits a channel, colours not multiplied by alpha, with bounds that start at (0, 0). A picture that lies about
// itself (a palette too short for an index, too few pixels) gives an error that wraps ErrDecode.
func Convert(m image.Image) (*image.NRGBA, error) {
	if m == nil {
		return nil, fmt.Errorf("picture: %w: got no picture", ErrDecode)
	}
	b := m.Bounds()
	if b.Empty() {
		return nil, fmt.Errorf("picture: %w: got no pixels", ErrDecode)
	}
	if err := (Limits{Side: 1 << 16, Pixels: 1 << 28}).checkSize(b.Dx(), b.Dy()); err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	to := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	if err := convert(shift(to, b.Min), m); err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	return to, nil
}

// shift gives the same pixels with bounds that start at p.
func shift(m *image.NRGBA, p image.Point) *image.NRGBA {
	return &image.NRGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect.Sub(m.Rect.Min).Add(p)}
}

// convert writes the pixels of m to their places in to, whose bounds hold those of m. All of it runs in the caller's goroutine, so that a panic
// can be recovered from.
func convert(to *image.NRGBA, m image.Image) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrDecode, r)
		}
	}()
	b := m.Bounds()
	row := rowReader(m)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		i := to.PixOffset(b.Min.X, y)
		if err := row(to.Pix[i:i+4*b.Dx()], y); err != nil {
			return err
		}
	}
	return nil
}

// rowReader gives the function that writes row y of m.
func rowReader(m image.Image) func(to []uint8, y int) error {
	x := m.Bounds().Min.X
	switch m := m.(type) {
	case *image.NRGBA:
		return func(to []uint8, y int) error { copy(to, m.Pix[m.PixOffset(x, y):][:len(to)]); return nil }
	case *image.RGBA:
		return func(to []uint8, y int) error { rgbaRow(to, m.Pix[m.PixOffset(x, y):]); return nil }
	case *image.NRGBA64:
		return func(to []uint8, y int) error { highBytes(to, m.Pix[m.PixOffset(x, y):]); return nil }
	case *image.Gray:
		return func(to []uint8, y int) error { grayRow(to, m.Pix[m.PixOffset(x, y):], 1); return nil }
	case *image.Gray16:
		return func(to []uint8, y int) error { grayRow(to, m.Pix[m.PixOffset(x, y):], 2); return nil }
	case *image.YCbCr:
		return func(to []uint8, y int) error { yCbCrRow(to, m, y); return nil }
	case *image.Paletted:
		palette := make([]color.NRGBA, len(m.Palette))
		for i, c := range m.Palette {
			palette[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
		}
		return func(to []uint8, y int) error { return palettedRow(to, m.Pix[m.PixOffset(x, y):], palette) }
	}
	if m, ok := m.(image.RGBA64Image); ok { // every kind of the standard library
		return func(to []uint8, y int) error {
			for i := 0; i < len(to); i += 4 {
				straight(to[i:i+4:i+4], m.RGBA64At(x+i/4, y))
			}
			return nil
		}
	}
	return func(to []uint8, y int) error {
		for i := 0; i < len(to); i += 4 {
			straight(to[i:i+4:i+4], color.RGBA64Model.Convert(m.At(x+i/4, y)).(color.RGBA64))
		}
		return nil
	}
}

// straight writes a colour that is multiplied by its alpha as one that isn't.
func straight(to []uint8, c color.RGBA64) {
	a := uint32(c.A)
	switch a {
	case 0xffff:
		to[0], to[1], to[2] = uint8(c.R>>8), uint8(c.G>>8), uint8(c.B>>8)
	case 0:
		to[0], to[1], to[2] = 0, 0, 0
	default:
		to[0], to[1], to[2] = uint8(uint32(c.R)*0xffff/a>>8), uint8(uint32(c.G)*0xffff/a>>8), uint8(uint32(c.B)*0xffff/a>>8)
	}
	to[3] = uint8(a >> 8)
}

func rgbaRow(to, from []uint8) {
	from = from[:len(to)]
	copy(to, from)
	for i := 0; i < len(to); i += 4 {
		if a := uint16(to[i+3]); a != 0xff {
			straight(to[i:i+4:i+4], color.RGBA64{R: uint16(from[i]) * 0x101, G: uint16(from[i+1]) * 0x101, B: uint16(from[i+2]) * 0x101, A: a * 0x101})
		}
	}
}

func highBytes(to, from []uint8) {
	from = from[:2*len(to)]
	for i := range to {
		to[i] = from[2*i]
	}
}

// grayRow spreads samples of width bytes, the high one first.
func grayRow(to, from []uint8, width int) {
	for i := 0; i < len(to); i += 4 {
		v := from[i/4*width]
		to[i], to[i+1], to[i+2], to[i+3] = v, v, v, 0xff
	}
}

func yCbCrRow(to []uint8, m *image.YCbCr, y int) {
	x := m.Rect.Min.X
	luma := m.Y[m.YOffset(x, y):][:len(to)/4]
	chroma := m.COffset(x, y)
	shift := 0 // of a column to its chroma sample
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420:
		shift = 1
	case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
		shift = 2
	}
	first := x >> shift
	last := -1
	var red, green, blue int32 // what the chroma sample adds to each, in 1/65536, as color.YCbCrToRGB has it
	for i, v := range luma {
		if c := chroma + (x+i)>>shift - first; c != last {
			last = c
			cb, cr := int32(m.Cb[c])-128, int32(m.Cr[c])-128
			red, green, blue = 91881*cr, -22554*cb-46802*cr, 116130*cb
		}
		y := int32(v) * 0x10101
		d := to[4*i : 4*i+4 : 4*i+4]
		d[0], d[1], d[2], d[3] = clamp((y+red)>>16), clamp((y+green)>>16), clamp((y+blue)>>16), 0xff
	}
}

func palettedRow(to, from []uint8, palette []color.NRGBA) error {
	for i, v := range from[:len(to)/4] {
		if int(v) >= len(palette) {
			return fmt.Errorf("%w: colour: got index %d, want less than %d", ErrDecode, v, len(palette))
		}
		c := palette[v]
		to[4*i], to[4*i+1], to[4*i+2], to[4*i+3] = c.R, c.G, c.B, c.A
	}
	return nil
}
