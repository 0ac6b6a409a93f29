package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/inspector/train"
	"github.com/fmkit/fmkit/shared/metrics"
)

func TestTable(t *testing.T) {
	dir := t.TempDir()
	at := func(x float64) metrics.Box { return metrics.Box{XMin: x, YMin: 0, XMax: x + 20, YMax: 20} }
	for i, g := range []string{"a", "b"} {
		threshold := 0.5
		r := result{Group: g, Threshold: &threshold, PixelAUROC: 0.9, Boxes: train.Boxes{
			Images: 2,
			Truth:  []metrics.TrueBox{{Image: 0, Class: "open", Box: at(0)}, {Image: 1, Class: "short", Box: at(50)}},
			Found: []metrics.FoundBox{
				{Image: 0, Class: "open", Box: at(2), Score: 0.9},
				{Image: 1, Class: "open", Box: at(50), Score: 0.8 - 0.4*float64(i)}, // of b under the threshold
				{Image: 1, Class: "open", Box: at(100), Score: 0.7},
			},
		}}
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, g+".json"), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := printTable(&out, dir); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| a | 2 | 2 | 1.0000 [1.0000, 1.0000] | 0.5000 [0.0000, 1.0000] | 1.0000 | 1.0000 | 0.5000 [", "| b | 2 | 2 | 0.5000 [0.0000, 1.0000] |",
		"| all | 4 | 4 | 0.7500 [", "| open | 2 | 1.0000 |", "| short | 2 | 0.5000 |",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// TestPeerTable: a peer's result has the threshold that its held-back pictures set, or none, and then nothing stands where it would count.
func TestPeerTable(t *testing.T) {
	at := func(x float64) metrics.Box { return metrics.Box{XMin: x, YMin: 0, XMax: x + 20, YMax: 20} }
	r := result{Group: "a", Peer: "another", PixelAUROC: 0.9, Config: train.Config{FalseBoxes: 0.2, IoU: iou}, Boxes: train.Boxes{
		Images: 2,
		Truth:  []metrics.TrueBox{{Image: 0, Class: "open", Box: at(0)}, {Image: 1, Class: "short", Box: at(50)}},
		Found:  []metrics.FoundBox{{Image: 0, Class: "open", Box: at(2), Score: 0.9}, {Image: 1, Class: "open", Box: at(100), Score: 0.7}},
	}}
	for _, c := range []struct {
		held *train.Boxes
		want string
	}{
		{nil, "| a | 2 | 2 | - | - | 0.5000 | 0.5000 | - | "},
		{&r.Boxes, "| a | 2 | 2 | 0.5000 [0.0000, 1.0000] | 0.0000 [0.0000, 0.0000] | 0.5000 | 0.5000 | 0.5000 ["},
	} {
		dir := t.TempDir()
		r.Held = c.held
		if err := writeJSON(filepath.Join(dir, "a.json"), r); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := printTable(&out, dir); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), c.want) || strings.Contains(out.String(), "| kind |") != (c.held != nil) {
			t.Errorf("no %q in\n%s", c.want, out.String())
		}
	}
}
