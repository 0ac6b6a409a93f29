package picture_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

// A chunk is one chunk of a PNG.
type chunk struct {
	kind string
	data []byte
}

func pngFile(chunks ...chunk) []byte {
	out := []byte("\x89PNG\r\n\x1a\n")
	for _, c := range chunks {
		out = binary.BigEndian.AppendUint32(out, uint32(len(c.data)))
		body := append([]byte(c.kind), c.data...)
		out = append(out, body...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body))
	}
	return out
}

func ihdr(w, h uint32, depth, colour, interlace byte) chunk {
	b := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return chunk{"IHDR", append(b, depth, colour, 0, 0, interlace)}
}

func deflate(raw []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write(raw)
	_ = w.Close()
	return b.Bytes()
}

func idat(raw []byte) chunk { return chunk{"IDAT", deflate(raw)} }

var iend = chunk{"IEND", nil}

func encodePNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodeJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodeGIF(t testing.TB, frames int) []byte {
	t.Helper()
	g := gif.GIF{Config: image.Config{Width: 10, Height: 8, ColorModel: color.Palette(palette.Plan9)}}
	for i := range frames {
		m := image.NewPaletted(image.Rect(2, 1, 9, 7), palette.Plan9)
		for j := range m.Pix {
			m.Pix[j] = uint8(j + i)
		}
		g.Image, g.Delay = append(g.Image, m), append(g.Delay, 1)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// smooth gives a picture that a JPEG keeps well.
func smooth(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, color.NRGBA{uint8(255 * x / w), uint8(255 * y / h), uint8(120 + 60*x/w), 255})
		}
	}
	return m
}

// segment gives a JPEG's marker segment.
func segment(marker byte, data []byte) []byte {
	n := len(data) + 2
	return append([]byte{0xff, marker, byte(n >> 8), byte(n)}, data...)
}

// sof gives a frame header of one component, or of the components and samplings given.
func sof(marker byte, w, h int, samplings ...byte) []byte {
	b := []byte{8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), byte(len(samplings))}
	for i, s := range samplings {
		b = append(b, byte(i+1), s, 0)
	}
	return segment(marker, b)
}

// scans gives a progressive gray JPEG of n scans, all black, in a few bytes each.
func scans(w, h, n int) []byte {
	raw := []byte{0xff, 0xd8}
	raw = append(raw, segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...))...)
	raw = append(raw, sof(0xc2, w, h, 0x11)...)
	one := append([]byte{1}, make([]byte, 15)...) // one code, of one bit
	raw = append(raw, segment(0xc4, append(append([]byte{0x00}, one...), 0x00))...)
	raw = append(raw, segment(0xc4, append(append([]byte{0x10}, one...), 0xe0))...) // an end-of-band run of 2^14 and 14 bits
	runs := (w+7)/8*((h+7)/8)/16384 + 1
	for range n {
		raw = append(raw, segment(0xda, []byte{1, 1, 0x00, 1, 63, 0})...)
		raw = append(raw, bytes.Repeat([]byte{0x00}, 2*runs)...)
	}
	return append(raw, 0xff, 0xd9)
}

// bomb is a PNG of 20000 x 20000 pixels in about 48 KB.
func bomb() []byte {
	const side = 20000
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	row := make([]byte, 1+side/8)
	for range side {
		_, _ = w.Write(row)
	}
	_ = w.Close()
	return pngFile(ihdr(side, side, 1, 0, 0), chunk{"IDAT", b.Bytes()}, iend)
}

// repair makes the checks of a PNG's chunks right.
func repair(raw []byte) {
	for at := 8; at+12 <= len(raw); {
		n := int(binary.BigEndian.Uint32(raw[at:]))
		if n > len(raw)-at-12 {
			return
		}
		binary.BigEndian.PutUint32(raw[at+8+n:], crc32.ChecksumIEEE(raw[at+4:at+8+n]))
		at += 12 + n
	}
}

func order(i int) binary.AppendByteOrder {
	return []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian}[i]
}
