package trajectory

import (
	"bytes"
	"image"
	"image/color"
	"image/gif" // registers its format with package image
	"image/jpeg"
	"image/png"
	"testing"
)

// TestDecodePicture: PNG and JPEG of the shape are read; another format, even one that the program knows, and another shape are refused.
func TestDecodePicture(t *testing.T) {
	gray := image.NewGray(image.Rect(0, 0, 4, 2))
	for i := range gray.Pix {
		gray.Pix[i] = 200
	}
	encode := func(f func(*bytes.Buffer) error) []byte {
		t.Helper()
		var b bytes.Buffer
		if err := f(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	x := make([]float32, 2*4)
	for name, b := range map[string][]byte{
		"png":  encode(func(b *bytes.Buffer) error { return png.Encode(b, gray) }),
		"jpeg": encode(func(b *bytes.Buffer) error { return jpeg.Encode(b, gray, nil) }),
	} {
		if err := decodePicture(x, b, []int{2, 4, 1}); err != nil || x[0] != 200 || x[7] != 200 {
			t.Errorf("%s: got %v, %v", name, x, err)
		}
		if err := decodePicture(x, b, []int{4, 2, 1}); err == nil {
			t.Errorf("%s: another shape is taken", name)
		}
		if err := decodePicture(x, b[:len(b)/2], []int{2, 4, 1}); err == nil {
			t.Errorf("%s: half of it is taken", name)
		}
	}
	other := image.NewPaletted(gray.Rect, color.Palette{color.Gray{Y: 200}})
	if err := decodePicture(x, encode(func(b *bytes.Buffer) error { return gif.Encode(b, other, nil) }), []int{2, 4, 1}); err == nil {
		t.Error("a GIF is taken")
	}
}
