package raster

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
)

// ErrFilm means pictures that can't be written together.
var ErrFilm = errors.New("raster: pictures that don't fit")

// maxPixels bounds the pixels of all pictures together.
const maxPixels = 1 << 29

// WriteGIF writes pictures of one size as a film that repeats, with a pause in hundredths of a second between them. It has 216
// colours and 40 greys, so films of simple pictures keep theirs nearly.
func WriteGIF(w io.Writer, pictures []*image.RGBA, pause int) error {
	if err := fit(pictures); err != nil {
		return err
	}
	if pause < 0 || pause > 1<<15 {
		return fmt.Errorf("%w: got a pause of %d hundredths of a second", ErrFilm, pause)
	}
	colours := palette()
	seen := map[color.RGBA]uint8{}
	film := &gif.GIF{}
	for _, p := range pictures {
		m := image.NewPaletted(image.Rect(0, 0, p.Rect.Dx(), p.Rect.Dy()), colours)
		for y := range p.Rect.Dy() {
			for x := range p.Rect.Dx() {
				c := p.RGBAAt(p.Rect.Min.X+x, p.Rect.Min.Y+y)
				i, ok := seen[c]
				if !ok {
					i = uint8(colours.Index(c))
					seen[c] = i
				}
				m.SetColorIndex(x, y, i)
			}
		}
		film.Image, film.Delay = append(film.Image, m), append(film.Delay, pause)
	}
	if err := gif.EncodeAll(w, film); err != nil {
		return fmt.Errorf("raster: GIF: %w", err)
	}
	return nil
}

// palette has six levels of each colour and greys in between.
func palette() color.Palette {
	var p color.Palette
	for i := range 216 {
		p = append(p, color.RGBA{uint8(i / 36 * 51), uint8(i / 6 % 6 * 51), uint8(i % 6 * 51), 255})
	}
	for i := 1; i <= 40; i++ {
		v := uint8(i * 255 / 41)
		p = append(p, color.RGBA{v, v, v, 255})
	}
	return p
}

// WriteStrip writes pictures of one size as a PNG file, side by side.
func WriteStrip(w io.Writer, pictures []*image.RGBA) error {
	if err := fit(pictures); err != nil {
		return err
	}
	width, height := pictures[0].Rect.Dx(), pictures[0].Rect.Dy()
	strip := image.NewRGBA(image.Rect(0, 0, width*len(pictures), height))
	for i, p := range pictures {
		for y := range height {
			copy(strip.Pix[strip.PixOffset(i*width, y):][:4*width], p.Pix[p.PixOffset(p.Rect.Min.X, p.Rect.Min.Y+y):][:4*width])
		}
	}
	if err := png.Encode(w, strip); err != nil {
		return fmt.Errorf("raster: PNG: %w", err)
	}
	return nil
}

func fit(pictures []*image.RGBA) error {
	if len(pictures) == 0 {
		return fmt.Errorf("%w: got none", ErrFilm)
	}
	size := pictures[0].Rect.Size()
	if size.X < 1 || size.Y < 1 || len(pictures) > maxPixels/(size.X*size.Y) {
		return fmt.Errorf("%w: got %d of size %v, want at most %d pixels in all", ErrFilm, len(pictures), size, maxPixels)
	}
	for i, p := range pictures {
		if p.Rect.Size() != size {
			return fmt.Errorf("%w: picture %d has size %v, the first %v", ErrFilm, i, p.Rect.Size(), size)
		}
	}
	return nil
}
