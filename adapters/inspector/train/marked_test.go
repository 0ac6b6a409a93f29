package train

import (
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/vision/dataset"
)

func TestMarks(t *testing.T) {
	r := image.Rect(0, 0, 12, 10)
	it := &dataset.Item{Boxes: []dataset.Box{{X: 3, Y: 3, Width: 2, Height: 2, Label: "a"}, {X: 1, Y: 1, Width: 8, Height: 8, Label: "b"}, {X: 10, Y: 9, Width: 9, Height: 9}}}
	kinds := Kinds([]dataset.Item{*it})
	if want := []string{"a", "b", inspector.Defect}; !slices.Equal(kinds, want) {
		t.Fatalf("kinds: got %q, want %q", kinds, want)
	}
	m, err := mark(it, r, kinds, 0)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[image.Point]uint8{{3, 3}: 1, {4, 4}: 1, {5, 5}: 2, {1, 1}: 2, {9, 8}: 0, {11, 9}: 3, {0, 0}: 0} {
		if got := m.GrayAt(at.X, at.Y).Y; got != want {
			t.Errorf("%v: got %d, want %d", at, got, want)
		}
	}
	if m, err = mark(it, r, kinds, 3); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[image.Point]uint8{{3, 3}: 1, {4, 4}: 1, {5, 5}: 2, {2, 5}: 0, {3, 5}: 0, {4, 5}: 2} {
		if got := m.GrayAt(at.X, at.Y).Y; got != want {
			t.Errorf("pad 3, %v: got %d, want %d", at, got, want)
		}
	}
	if _, err := mark(it, r, kinds[:1], 0); err == nil {
		t.Error("a kind that isn't known: no error")
	}
}

// TestMasks: a mask marks pixels, and its regions are the boxes.
func TestMasks(t *testing.T) {
	dir := t.TempDir()
	mask := image.NewGray(image.Rect(0, 0, 16, 12))
	for _, b := range []image.Rectangle{image.Rect(2, 2, 5, 4), image.Rect(9, 6, 14, 11)} {
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				mask.SetGray(x, y, color.Gray{255})
			}
		}
	}
	it := dataset.Item{ID: "a", Path: write(t, dir, "a.png", image.NewGray(mask.Rect)), Mask: write(t, dir, "mask.png", mask), Label: "scratch"}
	all, err := readMarked(context.Background(), []dataset.Item{it}, Kinds([]dataset.Item{it}), &inspector.DetectorSettings{}, false)
	if err != nil {
		t.Fatal(err)
	}
	want := []metrics.TrueBox{
		{Class: "scratch", Box: metrics.Box{XMin: 2, YMin: 2, XMax: 5, YMax: 4}}, {Class: "scratch", Box: metrics.Box{XMin: 9, YMin: 6, XMax: 14, YMax: 11}},
	}
	if !slices.Equal(all[0].boxes, want) {
		t.Errorf("got %+v, want %+v", all[0].boxes, want)
	}
	for i, v := range mask.Pix {
		if (v != 0) != (all[0].marks.Pix[i] == 1) {
			t.Fatalf("pixel %d: mask %d, mark %d", i, v, all[0].marks.Pix[i])
		}
	}
	it.Mask = write(t, dir, "small.png", image.NewGray(image.Rect(0, 0, 3, 3)))
	if _, err := readMarked(context.Background(), []dataset.Item{it}, []string{"scratch"}, &inspector.DetectorSettings{}, false); err == nil {
		t.Error("a mask of another size: no error")
	}
	it.Mask = ""
	s := inspector.DefaultDetector(true)
	if _, err := readMarked(context.Background(), []dataset.Item{it}, nil, &s, false); err == nil {
		t.Error("no template: no error")
	}
}

func write(t testing.TB, dir, name string, m image.Image) string {
	t.Helper()
	path := filepath.Join(dir, name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
	return path
}
