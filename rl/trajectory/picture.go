package trajectory

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg" // Minari stores pictures so
	"image/png"
)

// encodePicture gives the PNG of pixels x, [height, width, channels] with 1 or 3 channels, whole numbers from 0 to 255.
func encodePicture(x []float32, shape []int) ([]byte, error) {
	h, w, c := shape[0], shape[1], shape[2]
	for i, v := range x {
		if v != float32(uint8(max(min(v, 255), 0))) {
			return nil, fmt.Errorf("%w: pixel %d: got %v, want a whole number from 0 to 255", ErrEpisode, i, v)
		}
	}
	var m image.Image
	if c == 1 {
		gray := image.NewGray(image.Rect(0, 0, w, h))
		for i, v := range x {
			gray.Pix[i] = uint8(v)
		}
		m = gray
	} else {
		rgb := image.NewNRGBA(image.Rect(0, 0, w, h))
		for i := range h * w {
			rgb.Pix[4*i], rgb.Pix[4*i+1], rgb.Pix[4*i+2], rgb.Pix[4*i+3] = uint8(x[3*i]), uint8(x[3*i+1]), uint8(x[3*i+2]), 255
		}
		m = rgb
	}
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := e.Encode(&b, m); err != nil {
		return nil, fmt.Errorf("trajectory: picture: %w", err)
	}
	return b.Bytes(), nil
}

// decodePicture writes the pixels of a PNG or JPEG of this shape, which the caller has held against the limits, to x. What else a program has registered with
// package image is refused, and a header of another shape before its pixels are read.
func decodePicture(x []float32, b []byte, shape []int) error {
	h, w, c := shape[0], shape[1], shape[2]
	header, decode := png.DecodeConfig, png.Decode
	if !bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) {
		header, decode = jpeg.DecodeConfig, jpeg.Decode
	}
	config, err := header(bytes.NewReader(b))
	if err != nil || config.Width != w || config.Height != h {
		return fmt.Errorf("picture: got %d by %d pixels and %v, want %d by %d", config.Width, config.Height, err, w, h)
	}
	m, err := decode(bytes.NewReader(b))
	if err != nil {
		return fmt.Errorf("picture: %w", err)
	}
	if m.Bounds().Dx() != w || m.Bounds().Dy() != h {
		return fmt.Errorf("picture: got %v, want %d by %d", m.Bounds(), w, h)
	}
	for i := range h {
		for j := range w {
			at := x[(i*w+j)*c:]
			if c == 1 {
				at[0] = float32(color.GrayModel.Convert(m.At(j, i)).(color.Gray).Y)
				continue
			}
			p := color.NRGBAModel.Convert(m.At(j, i)).(color.NRGBA)
			at[0], at[1], at[2] = float32(p.R), float32(p.G), float32(p.B)
		}
	}
	return nil
}
