package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/image/webp"
)

// A format is one kind of file.
type format struct {
	name   string
	magic  string // '?' stands for any byte
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	// inspect reads what the decoder will need from a header that config accepted.
	inspect func(raw []byte) (header, error)
}

// A header is what decoding a file will take, besides its size.
type header struct {
	bytes       float64 // a pixel, of what the decoder holds
	orientation int     // of EXIF, 0 and 1: upright
}

var formats = []format{
	{"PNG", "\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode, inspectPNG},
	{"JPEG", "\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode, inspectJPEG},
	{"GIF", "GIF8?a", gif.DecodeConfig, gif.Decode, func([]byte) (header, error) { return header{bytes: 1}, nil }},
	{"WebP", "RIFF????WEBPVP8", webp.DecodeConfig, decodeWebP, func([]byte) (header, error) { return header{bytes: decoderBytes}, nil }},
}

// Decode reads a PNG, a JPEG, the first frame of a GIF on its canvas or, where l allows it, a WebP. The header is held against l before any pixel
// is decoded, and the result is a copy whose bounds start at (0, 0): channels of 16 bits lose their lower half, CMYK becomes RGB, a JPEG is turned
// upright.
//
// Errors wrap ErrFormat, ErrDecode or ErrLimit. Decode never panics and starts no goroutine. It is safe for concurrent use; a caller that
// decodes for strangers bounds how many run at once, for each may take what Limits says.
func Decode(raw []byte, l Limits) (m *image.NRGBA, err error) {
	l = l.withDefaults()
	if len(raw) > l.Bytes {
		return nil, fmt.Errorf("picture: %w: file: got %d bytes, want at most %d", ErrLimit, len(raw), l.Bytes)
	}
	f, err := formatOf(raw, l)
	if err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil { // a fault of a decoder
			m, err = nil, fmt.Errorf("picture: %s: %w: %v", f.name, ErrDecode, r)
		}
	}()
	c, err := f.config(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("picture: %s: %w: header: %w", f.name, ErrDecode, err)
	}
	if c.Width <= 0 || c.Height <= 0 {
		return nil, fmt.Errorf("picture: %s: %w: got %dx%d pixels, want at least 1x1", f.name, ErrDecode, c.Width, c.Height)
	}
	if err := l.checkSize(c.Width, c.Height); err != nil {
		return nil, fmt.Errorf("picture: %s: %w", f.name, err)
	}
	h, err := f.inspect(raw)
	if err != nil {
		return nil, fmt.Errorf("picture: %s: %w", f.name, err)
	}
	if need, most := int(h.bytes*float64(c.Width*c.Height)), decoderBytes*l.Pixels; need > most {
		return nil, fmt.Errorf("picture: %s: %w: %dx%d pixels of %.3g bytes: got %d bytes, want at most %d",
			f.name, ErrLimit, c.Width, c.Height, h.bytes, need, most)
	}
	decoded, err := f.decode(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("picture: %s: %w: %w", f.name, ErrDecode, err)
	}
	canvas := image.Rect(0, 0, c.Width, c.Height)
	if b := decoded.Bounds(); !b.In(canvas) {
		return nil, fmt.Errorf("picture: %s: %w: got pixels at %v, want them in %v", f.name, ErrDecode, b, canvas)
	}
	m = image.NewNRGBA(canvas)
	if err := convert(m, decoded); err != nil {
		return nil, fmt.Errorf("picture: %s: %w", f.name, err)
	}
	if l.Stored {
		return m, nil
	}
	return upright(m, h.orientation), nil
}

// checkSize holds the size of a picture against l.
func (l Limits) checkSize(w, h int) error {
	if w > l.Side || h > l.Side {
		return fmt.Errorf("%w: got %dx%d pixels, want sides of at most %d", ErrLimit, w, h, l.Side)
	}
	if w*h > l.Pixels {
		return fmt.Errorf("%w: got %dx%d, %d pixels, want at most %d", ErrLimit, w, h, w*h, l.Pixels)
	}
	return nil
}

// formatOf tells the format by the first bytes.
func formatOf(raw []byte, l Limits) (*format, error) {
	for i := range formats {
		f := &formats[i]
		n := min(len(raw), len(f.magic))
		match := true
		for j := range n {
			match = match && (f.magic[j] == '?' || f.magic[j] == raw[j])
		}
		switch {
		case !match:
		case n < len(f.magic):
			return nil, fmt.Errorf("picture: %w: got %d bytes, want a whole file", ErrDecode, n)
		case f.name == "WebP" && !l.WebP:
			return nil, fmt.Errorf("picture: %w: got WebP, want PNG, JPEG or GIF", ErrFormat)
		default:
			return f, nil
		}
	}
	return nil, fmt.Errorf("picture: %w: got a file that starts with %q, want PNG, JPEG or GIF", ErrFormat, raw[:min(len(raw), 8)])
}

// inspectPNG reads depth and interlacing from the header chunk. The decoder holds 4 channels, and an interlaced picture's passes besides.
func inspectPNG(raw []byte) (header, error) {
	const depth, interlace = 24, 28
	h := header{bytes: 4}
	if raw[depth] == 16 {
		h.bytes *= 2
	}
	if raw[interlace] != 0 {
		h.bytes *= 2
	}
	return h, nil
}

// Read decodes a file of fsys. Errors wrap those of Decode, or of fsys; no more than Limits allow is read.
func Read(fsys fs.FS, name string, l Limits) (*image.NRGBA, error) {
	if info, err := fs.Stat(fsys, name); err == nil && !info.Mode().IsRegular() { // opening a pipe would wait for its writer
		return nil, fmt.Errorf("picture: %.200s: %w: got %v, want a regular file", name, ErrFormat, info.Mode())
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	defer f.Close()
	most := l.withDefaults().Bytes
	if s, err := f.Stat(); err == nil && s.Size() > int64(most) {
		return nil, fmt.Errorf("picture: %.200s: %w: got %d bytes, want at most %d", name, ErrLimit, s.Size(), most)
	}
	raw, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err != nil {
		return nil, fmt.Errorf("picture: %.200s: %w", name, err)
	}
	m, err := Decode(raw, l)
	if err != nil {
		return nil, fmt.Errorf("%.200s: %w", name, err)
	}
	return m, nil
}

// DecodeFile decodes the file of that name, as Read does.
func DecodeFile(name string, l Limits) (*image.NRGBA, error) {
	folder, base := filepath.Split(name)
	if folder == "" {
		folder = "."
	}
	if base == "" {
		return nil, fmt.Errorf("picture: %w", &fs.PathError{Op: "open", Path: name, Err: errors.New("got a folder, want a file")})
	}
	return Read(os.DirFS(folder), base, l)
}
