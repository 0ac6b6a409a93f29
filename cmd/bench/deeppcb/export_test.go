package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// boards writes a DeepPCB folder of 4 groups of 2 pairs of 96 x 96 pixels, each with a white spot at (30, 40).
func boards(t *testing.T) string {
	t.Helper()
	dir, index := t.TempDir(), ""
	put := func(name string, raw []byte) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 8 {
		pair := fmt.Sprintf("group%d/%d", i/2, i)
		index += pair + "\n"
		m := image.NewGray(image.Rect(0, 0, 96, 96))
		for _, name := range []string{"_temp.jpg", "_test.jpg"} {
			var raw bytes.Buffer
			if err := jpeg.Encode(&raw, m, nil); err != nil {
				t.Fatal(err)
			}
			put(pair+name, raw.Bytes())
			for p := range 16 * 16 {
				m.SetGray(30+p%16, 40+p/16, color.Gray{Y: 255})
			}
		}
		put(pair+".txt", fmt.Appendf(nil, "25 35 51 61 %d\n", 1+i%2))
	}
	put("index.txt", []byte(index))
	return dir
}

// newBench is a bench with the given flags.
func newBench(t *testing.T, args ...string) *bench {
	t.Helper()
	var b bench
	f := flag.NewFlagSet("", flag.ContinueOnError)
	b.flags(f)
	if err := f.Parse(args); err != nil {
		t.Fatal(err)
	}
	if err := b.prepare(); err != nil {
		t.Fatal(err)
	}
	return &b
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(raw, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestExport: the export has every picture as a detector sees it, folds as the bench divides them, and what a detector trained by the bench says.
func TestExport(t *testing.T) {
	data, out := boards(t), t.TempDir()
	flags := []string{"--data", data, "--steps", "1", "--batch", "2", "--folds", "0", "--image", "16"}
	b := newBench(t, append(flags, "--out", filepath.Join(out, "results"))...)
	items, groups, err := b.items()
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.one(t.Context(), items, b.left(groups, 1))
	if err != nil {
		t.Fatal(err)
	}
	b = newBench(t, append(flags, "--out", filepath.Join(out, "export"))...)
	if err := b.export(t.Context(), filepath.Join(out, "results", "group1")); err != nil {
		t.Fatal(err)
	}
	var e export
	readJSON(t, filepath.Join(b.out, exportFile), &e)
	if len(e.Pictures) != 8 || len(e.Folds) != 4 || e.Config.Train.Steps != 1 {
		t.Fatalf("got %d pictures, %d folds and %d steps, want 8, 4 and 1", len(e.Pictures), len(e.Folds), e.Config.Train.Steps)
	}
	for i, p := range e.Pictures {
		m, err := picture.DecodeFile(filepath.Join(b.out, p.File), picture.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		_, want, err := b.exported(&items[i])
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(m.Pix, want.Pix) {
			t.Errorf("%s: other pixels than the stack has", p.ID)
		}
		if spot := m.NRGBAAt(38, 48); spot.R < 200 || spot.G > 50 || spot.B < 200 {
			t.Errorf("%s: got %v in the middle of the spot, want picture and difference bright and the template dark", p.ID, spot)
		}
		places := b.config.Detector.Template.Propose(m)
		if len(p.Places) != 1 || len(places) != 1 || p.Places[0] != places[0].Box || !slices.Equal(p.Boxes, []dataset.Box{{X: 25, Y: 35, Width: 26, Height: 26, Label: []string{"open", "short"}[i%2]}}) {
			t.Errorf("%s: got boxes %v and places %v, want places %v", p.ID, p.Boxes, p.Places, places)
		}
	}
	f := e.Folds[1]
	if f.Group != "group1" || !slices.Equal(f.Test, []int{2, 3}) || !slices.Equal(f.Train, []int{0, 1, 4, 5, 6, 7}) || len(f.Held) != 2 {
		t.Errorf("got the fold %+v", f)
	}
	for _, i := range f.Held {
		if !slices.Contains(f.Train, i) || e.Pictures[i].Group != e.Pictures[f.Held[0]].Group {
			t.Errorf("held back: got %v, want a group of %v", f.Held, f.Train)
		}
	}
	if m, err := vision.Load(filepath.Join(b.out, startFolder)); err != nil || m.Config.ImageSize != 16 {
		t.Errorf("start: %v", err)
	}
	var said struct {
		Digest string
		All    []windowChances
	}
	readJSON(t, filepath.Join(b.out, chancesFile), &said)
	if said.Digest != r.Digest || len(said.All) != 4 {
		t.Fatalf("chances: got %q of %d pictures, want %q of 4", said.Digest, len(said.All), r.Digest)
	}
	if c := said.All[1]; c.Picture != 1 || !slices.Equal(c.At, []image.Point{{30, 40}}) || len(c.Chances) != 4*3 {
		t.Errorf("chances: got %+v, want those of 4 patches of the window of picture 1 at (30, 40) for 2 kinds", c)
	}
}

// TestExportAlone: without templates good pictures are learnt from too, and only those with defects are tested; the start has the stem.
func TestExportAlone(t *testing.T) {
	b := newBench(t, "--data", boards(t), "--out", t.TempDir(), "--template=false", "--stem", "4,8,8", "--image", "16", "--folds", "0")
	if err := b.export(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	var e struct {
		Folds    []exportFold
		Pictures []map[string]json.RawMessage
	}
	readJSON(t, filepath.Join(b.out, exportFile), &e)
	good := 0
	for i, p := range e.Pictures {
		switch string(p["boxes"]) {
		case "null":
			t.Errorf("picture %d: got no list of boxes", i)
		case "[]":
			good++
		}
	}
	if f := e.Folds[1]; len(e.Pictures) != 16 || good != 8 || len(f.Train) != 12 || len(f.Test) != 2 {
		t.Errorf("got %d pictures, %d of them good, and the fold %+v, want 16, 8, 12 to learn from and 2 to test", len(e.Pictures), good, f)
	}
	if m, err := vision.Load(filepath.Join(b.out, startFolder)); err != nil || !slices.Equal(m.Config.Stem, []int{4, 8, 8}) {
		t.Errorf("start: %v", err)
	}
	for i, p := range e.Pictures {
		if p["stack"] != nil {
			t.Errorf("picture %d: got a stack, though nothing is pasted", i)
		}
	}
	b.base = "base"
	if err := b.prepare(); err == nil {
		t.Error("a stem beside a base: got no error")
	}
}

// TestExportStacks: where defects are pasted, every picture with a template comes with both laid over one another.
func TestExportStacks(t *testing.T) {
	b := newBench(t, "--data", boards(t), "--out", t.TempDir(), "--template=false", "--image", "16", "--paste", "0.5")
	if err := b.export(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	var e export
	readJSON(t, filepath.Join(b.out, exportFile), &e)
	stacks := 0
	for _, p := range e.Pictures {
		if len(p.Boxes) == 0 && p.Stack == "" {
			continue
		}
		stacks++
		m, err := picture.DecodeFile(filepath.Join(b.out, p.Stack), picture.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if spot := m.NRGBAAt(38, 48); spot.R < 200 || spot.G > 50 || spot.B < 200 {
			t.Errorf("%s: got %v in the middle of the spot, want picture and difference bright and the template dark", p.ID, spot)
		}
	}
	if stacks != 8 {
		t.Errorf("got %d stacks, want 8", stacks)
	}
}
