package picture_test

import (
	"errors"
	"image"
	"image/color"
	"image/color/palette"
	"testing"

	"github.com/fmkit/fmkit/vision/picture"
)

// TestConvert holds every kind of the standard library to its own colours.
func TestConvert(t *testing.T) {
	r := image.Rect(3, 5, 20, 16)
	src := noise(4, 40, 40, 3)
	translucent := noise(4, 40, 40, 4)
	fill := func(m interface {
		image.Image
		Set(x, y int, c color.Color)
	}, from *image.NRGBA,
	) image.Image {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				m.Set(x, y, from.At(x, y))
			}
		}
		return m
	}
	yCbCr := func(s image.YCbCrSubsampleRatio) image.Image {
		m := image.NewYCbCr(image.Rect(0, 0, 40, 40), s)
		for i := range m.Y {
			m.Y[i] = uint8(i * 7)
		}
		for i := range m.Cb {
			m.Cb[i], m.Cr[i] = uint8(i*5), uint8(i*3)
		}
		return m.SubImage(r)
	}
	kinds := map[string]image.Image{
		"RGBA": fill(image.NewRGBA(r), src), "RGBA64": fill(image.NewRGBA64(r), src), "NRGBA": fill(image.NewNRGBA(r), translucent),
		"NRGBA64": fill(image.NewNRGBA64(r), src), "Gray": fill(image.NewGray(r), src), "Gray16": fill(image.NewGray16(r), src),
		"CMYK": fill(image.NewCMYK(r), src), "Paletted": fill(image.NewPaletted(r, palette.Plan9), src), "Alpha": fill(image.NewAlpha(r), translucent),
		"translucent RGBA": fill(image.NewRGBA(r), translucent), "translucent RGBA64": fill(image.NewRGBA64(r), translucent),
		"part of an NRGBA": src.SubImage(r), "uniform": image.NewUniform(color.White),
	}
	for _, s := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio440,
		image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	} {
		kinds[s.String()] = yCbCr(s)
	}
	for name, m := range kinds {
		got, err := picture.Convert(m)
		if name == "uniform" { // 2e9 pixels a side
			if !errors.Is(err, picture.ErrLimit) {
				t.Errorf("%s: got %v, want %v", name, err, picture.ErrLimit)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		b := m.Bounds()
		if got.Rect != image.Rect(0, 0, b.Dx(), b.Dy()) {
			t.Fatalf("%s: got bounds %v", name, got.Rect)
		}
		for y := range b.Dy() {
			for x := range b.Dx() {
				want := color.NRGBAModel.Convert(m.At(b.Min.X+x, b.Min.Y+y)).(color.NRGBA)
				if g := got.NRGBAAt(x, y); g != want {
					t.Fatalf("%s: pixel %d,%d: got %v, want %v", name, x, y, g, want)
				}
			}
		}
	}
}

// liars gives pictures that aren't what they say.
func liars() map[string]image.Image {
	bad := image.NewPaletted(image.Rect(0, 0, 64, 64), color.Palette{color.Black, color.White})
	bad.Pix[64*33+5] = 200
	short := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	short.Pix = short.Pix[:100]
	insideOut := &image.NRGBA{Rect: image.Rectangle{Min: image.Pt(5, 5)}}
	return map[string]image.Image{"palette": bad, "pixels": short, "nil": nil, "pointer": (*image.NRGBA)(nil), "inside out": insideOut}
}

func TestConvertLiars(t *testing.T) {
	for name, m := range liars() {
		if name == "pointer" {
			continue // Bounds of a nil pointer is the caller's fault
		}
		if _, err := picture.Convert(m); !errors.Is(err, picture.ErrDecode) {
			t.Errorf("%s: got %v, want %v", name, err, picture.ErrDecode)
		}
	}
}

// TestConvertChroma holds every chroma, at the ends and in the middle of luma, to the standard library's colour.
func TestConvertChroma(t *testing.T) {
	m := image.NewYCbCr(image.Rect(0, 0, 256, 256), image.YCbCrSubsampleRatio444)
	for i := range m.Cb {
		m.Cb[i], m.Cr[i] = uint8(i), uint8(i>>8)
	}
	for _, y := range []uint8{0, 1, 16, 127, 128, 235, 254, 255} {
		for i := range m.Y {
			m.Y[i] = y
		}
		got, err := picture.Convert(m)
		if err != nil {
			t.Fatal(err)
		}
		for i := range m.Cb {
			r, g, b := color.YCbCrToRGB(y, m.Cb[i], m.Cr[i])
			if p := got.Pix[4*i:][:4]; p[0] != r || p[1] != g || p[2] != b || p[3] != 255 {
				t.Fatalf("luma %d, chroma %d and %d: got %v, want %d %d %d", y, m.Cb[i], m.Cr[i], p, r, g, b)
			}
		}
	}
}
