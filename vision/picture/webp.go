package picture

import (
	"image"
	"io"

	"golang.org/x/image/webp"
)

// decodeWebP is webp.Decode with luma and chroma of full range. A lossy WebP has luma from 16 to 235 and chroma from 16 to 240 (RFC 6386, section 9.2, with BT.601), which
// the decoder passes on as they are, while image.YCbCr means 0 to 255: pictures would look pale.
func decodeWebP(r io.Reader) (image.Image, error) {
	m, err := webp.Decode(r)
	if err != nil {
		return nil, err
	}
	switch m := m.(type) {
	case *image.YCbCr:
		fullRange(m)
	case *image.NYCbCrA:
		fullRange(&m.YCbCr)
	}
	return m, nil
}

func fullRange(m *image.YCbCr) {
	var luma, chroma [256]uint8
	for v := range int32(256) {
		luma[v] = clamp(((v-16)*510 + 219) / 438)
		chroma[v] = clamp(((v-128)*510 + 448*128 + 224) / 448)
	}
	for i, v := range m.Y {
		m.Y[i] = luma[v]
	}
	for i, v := range m.Cb {
		m.Cb[i] = chroma[v]
	}
	for i, v := range m.Cr {
		m.Cr[i] = chroma[v]
	}
}
