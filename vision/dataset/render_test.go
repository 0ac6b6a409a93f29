package dataset

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/random"
)

// put makes a file below dir.
func put(tb testing.TB, dir, name, content string) string {
	tb.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		tb.Fatal(err)
	}
	return path
}

// render draws a picture that depends on seed.
func render(w, h int, seed uint64) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for p := range w * h {
		v := random.Mix(seed, uint64(p/7))
		m.SetNRGBA(p%w, p/w, color.NRGBA{uint8(v), uint8(v >> 8), uint8(v >> 16), 0xff})
	}
	return m
}

func pngOf(tb testing.TB, w, h int, seed uint64) string {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, render(w, h, seed)); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func jpegOf(tb testing.TB, w, h int, seed uint64) string {
	tb.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, render(w, h, seed), nil); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// pictures makes PNG files of 4 x 3 pixels, each of its own.
func pictures(tb testing.TB, dir string, names ...string) {
	tb.Helper()
	for i, n := range names {
		put(tb, dir, n, pngOf(tb, 4, 3, uint64(i)))
	}
}

// open is Open where it has to succeed.
func open(tb testing.TB, path string) *Set {
	tb.Helper()
	s, err := Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func ids(items []Item) []string {
	all := make([]string, len(items))
	for i := range items {
		all[i] = items[i].ID
	}
	return all
}

func same(tb testing.TB, what string, got, want []string) {
	tb.Helper()
	if !slices.Equal(got, want) {
		tb.Errorf("%s: got %q, want %q", what, got, want)
	}
}
