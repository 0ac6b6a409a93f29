package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/inspector/train"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// TestHits: recall is that at one false box a picture, or at one false alarm in a hundred good pictures.
func TestHits(t *testing.T) {
	at := func(x float64) metrics.Box { return metrics.Box{XMin: x, XMax: x + 20, YMax: 20} }
	boxes := &result{Template: true, Bad: []bool{true, true}, Boxes: train.Boxes{
		Images: 2,
		Truth:  []metrics.TrueBox{{Image: 0, Box: at(0)}, {Image: 1, Box: at(0)}},
		Found: []metrics.FoundBox{
			{Image: 0, Box: at(1), Score: 9}, {Image: 0, Box: at(50), Score: 8}, {Image: 1, Box: at(50), Score: 7}, {Image: 1, Box: at(90), Score: 6}, {Image: 1, Box: at(0), Score: 5},
		},
	}}
	pictures := &result{Bad: []bool{true, true, false}, Scores: []float64{3, 1, 2}}
	for name, r := range map[string]*result{"boxes": boxes, "pictures": pictures} {
		i, err := recall([]*result{r})
		if err != nil || i.Mean != 0.5 {
			t.Errorf("%s: got %+v, %v, want a half: the second defect comes after what is false", name, i, err)
		}
	}
}

// TestRun goes from pictures to table and plot, and does nothing twice.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []struct {
		folder string
		n      int
		bad    bool
	}{{"train/good", 4, false}, {"test/good", 4, false}, {"test/spot", 8, true}} {
		for i := range f.n {
			m := image.NewGray(image.Rect(0, 0, 24, 20))
			r := random.New(random.Key(uint64(i), f.folder))
			for k := range m.Pix {
				m.Pix[k] = uint8(100 + r.IntN(40))
				if x, y := k%24, k/24; f.bad && x >= 6 && x < 12 && y >= 8 && y < 14 {
					m.Pix[k] = 250
				}
			}
			var raw bytes.Buffer
			if err := png.Encode(&raw, m); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "data", f.folder, fmt.Sprint(i, ".png"))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, raw.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	c, err := vision.Preset("tiny", 8, 4)
	if err != nil {
		t.Fatal(err)
	}
	c.Channels, c.Hidden, c.Heads, c.Intermediate = 1, 16, 2, 32
	m, err := vision.New(c, picture.NewProcessor(8, 8, 1), 7)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Save(filepath.Join(dir, "base"), vision.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	b := &bench{data: filepath.Join(dir, "data"), base: filepath.Join(dir, "base"), out: filepath.Join(dir, "out"), labels: "2,0", steps: 2, seeds: 1, batch: 4, lr: 1e-3}
	if err := b.check(); err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	for range 2 {
		if err := b.run(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if err := write(&table, b.out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| none | baseline | 1 |", "| 2 | pretrained | 1 |", "| all | scratch | 1 |"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("no %q in\n%s", want, table.String())
		}
	}
	page, err := os.ReadFile(filepath.Join(b.out, "labels.html"))
	if err != nil || !strings.Contains(string(page), "<svg") || !strings.Contains(string(page), "pretrained, low") {
		t.Errorf("page of %d bytes, %v", len(page), err)
	}
	if left, err := filepath.Glob(filepath.Join(b.out, "*.run")); err != nil || len(left) > 0 {
		t.Errorf("runs are left: %q, %v", left, err)
	}
}
