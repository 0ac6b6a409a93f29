package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// writePicture writes stripes with noise, with a bright spot where it is bad.
func writePicture(t *testing.T, path string, seed uint64, bad bool) {
	t.Helper()
	r := random.New(random.Key(seed, "stripes"))
	m := image.NewGray(image.Rect(0, 0, 24, 24))
	for i := range m.Pix {
		v := 100 + 50*float64(i/24/2%2) + 8*r.Normal()
		if x, y := i%24, i/24; bad && x >= 8 && x < 13 && y >= 8 && y < 13 {
			v = 240
		}
		m.SetGray(i%24, i/24, color.Gray{Y: uint8(max(0, min(255, v)))})
	}
	var raw bytes.Buffer
	if err := png.Encode(&raw, m); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestRun judges by folders as fm leaves them.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	c, err := vision.Preset("tiny", 8, 4)
	if err != nil {
		t.Fatal(err)
	}
	c.Channels, c.Hidden, c.Heads, c.Intermediate = 1, 16, 2, 32
	m, err := vision.New(c, picture.NewProcessor(8, 8, 1), 7)
	if err != nil {
		t.Fatal(err)
	}
	base, adapter := filepath.Join(dir, "base"), filepath.Join(dir, "adapter")
	if err := m.Save(base, vision.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	for i := range 24 {
		writePicture(t, filepath.Join(dir, fmt.Sprintf("good/%d.png", i)), uint64(i), false)
	}
	s, err := inspector.Recommended(m, filepath.Join(dir, "good"), 0)
	if err != nil {
		t.Fatal(err)
	}
	s.FalseAlarms, s.Blur = 0.05, 1
	if _, _, err := inspector.Adapt(t.Context(), m, filepath.Join(dir, "good"), s, adapter); err != nil {
		t.Fatal(err)
	}
	good, bad := filepath.Join(dir, "a.png"), filepath.Join(dir, "b.png")
	writePicture(t, good, 100, false)
	writePicture(t, bad, 101, true)
	var out strings.Builder
	if err := run(t.Context(), []string{"--base", base, "--adapter", adapter, good, bad}, &out); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(out.String(), "\n"); !strings.HasPrefix(lines[0], good+"\tok\t") || !strings.HasPrefix(lines[1], bad+"\tdefect\t") || !strings.Contains(lines[1], "-") {
		t.Errorf("got %q", out.String())
	}
	for _, args := range [][]string{
		{},
		{"--base", base, "--adapter", adapter},
		{"--bass", "x"},
		{"--base", dir, "--adapter", adapter, good},
		{"--base", base, "--adapter", dir, good},
		{"--base", base, "--adapter", adapter, filepath.Join(dir, "none.png")},
	} {
		if err := run(t.Context(), args, &out); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
}
