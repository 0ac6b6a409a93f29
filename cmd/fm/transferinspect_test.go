package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// timeless is a report without what time has to do with.
func timeless(t *testing.T, r map[string]any) string {
	t.Helper()
	delete(r, "seconds")
	delete(r, "break_even")
	for _, a := range r["arms"].([]any) {
		delete(a.(map[string]any), "latency")
		for _, p := range a.(map[string]any)["points"].([]any) {
			delete(p.(map[string]any), "fit_seconds")
			delete(p.(map[string]any), "seconds")
		}
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// armOf finds an arm of a report.
func armOf(t *testing.T, r map[string]any, name string) map[string]any {
	t.Helper()
	for _, a := range r["arms"].([]any) {
		if a := a.(map[string]any); a["name"] == name {
			return a
		}
	}
	t.Fatalf("no arm %s in %v", name, r)
	return nil
}

// TestTransferInspect: pictures that are labelled, some with masks: a report goes on where its folder is.
func TestTransferInspect(t *testing.T) {
	data, base := cloths(t)
	out := filepath.Join(t.TempDir(), "report")
	args := []string{
		"report", "transfer", "inspect", "--base", base, "--data", data, "--budgets", "1,all", "--seeds", "2", "--grid", "5e-3:20", "--batch", "4", "--upright", "--out", out, "--json",
	}
	r := lastObject(t, mustFM(t, "", args...))
	if !strings.HasPrefix(r["metric"].(string), "recall of pictures") || r["pool"] != 8.0 || r["test"] != 16.0 || len(r["arms"].([]any)) != 5 || len(r["labels_saved"].([]any)) != 3 || r["verdict"] == "" {
		t.Errorf("report says %v", r)
	}
	for name, trained := range map[string]bool{"baseline": false, "scratch": true, "head": true, "lora": true, "full": true} {
		a := armOf(t, r, name)
		points := a["points"].([]any)
		if first, last := points[0].(map[string]any), points[1].(map[string]any); first["train"] != 2.0 || last["train"] != 8.0 || len(last["scores"].([]any)) != 2 || a["latency"] == nil || (a["bytes"] != nil) != trained {
			t.Errorf("%s: %v", name, a)
		}
	}
	if h, l, f := armOf(t, r, "head")["params"].(float64), armOf(t, r, "lora")["params"].(float64), armOf(t, r, "full")["params"].(float64); h >= l || l >= f {
		t.Errorf("head learns %v numbers, lora %v, full %v", h, l, f)
	}
	want := timeless(t, r)
	kept := filepath.Join(out, "cells", "baseline.1.seed1.json")
	before, err := os.Stat(kept)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(out, "cells", "scratch.all.seed2.json")); err != nil {
		t.Fatal(err)
	}
	if again := timeless(t, lastObject(t, mustFM(t, "", args...))); again != want {
		t.Errorf("again it says\n%s\nwas\n%s", again, want)
	}
	if after, err := os.Stat(kept); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("a cell was made again: %v", err)
	}
	other, _ := cloths(t)
	if e := lastObject(t, mustFM(t, "", "report", "transfer", "inspect", "--base", base, "--data", data, "--eval", other, "--arms", "baseline", "--budgets", "all", "--seeds", "1", "--json")); e["pool"] != 16.0 || e["test"] != 24.0 {
		t.Errorf("with --eval it says %v", e)
	}
	for says, c := range map[string][]string{
		"--test-group":          {"--eval", data, "--test-group", "a"},
		"0 to score on":         {"--test-group", "none"},
		"a rate and a number":   {"--grid", "1e-3"},
		"at least 1 step":       {"--grid", "1e-3:0"},
		"too few":               {"--budgets", "9"},
		"other data":            {"--out", out, "--upright=false"},
		"--probe goes with":     {"--probe", "1e-2:1"},
		"method: got \"best\"":  {"--arms", "best"},
		"no such file":          {"--data", filepath.Join(data, "none")},
		"--test-group goes wit": {"--test-group", "a"},
	} {
		call := append([]string{"report", "transfer", "inspect", "--base", base, "--data", data, "--batch", "4", "--upright"}, c...)
		if says == "--test-group goes wit" {
			call[2] = "classify"
		}
		if _, code, err := fm(t, "", call...); code != exitUsage || err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: code %d, %v, want %d", c, code, err, exitUsage)
		}
	}
}

// boards writes pairs of pictures and templates of four groups with boxes, or without templates some good pictures too, and a base of so many channels.
func boards(t *testing.T, templates bool, channels int) (data, base string) {
	t.Helper()
	dir := t.TempDir()
	c, err := vision.Preset("tiny", 8, 4)
	if err != nil {
		t.Fatal(err)
	}
	c.Channels, c.Hidden, c.Heads, c.Intermediate = channels, 16, 2, 32
	m, err := vision.New(c, picture.NewProcessor(8, 8, channels), 7)
	if err != nil {
		t.Fatal(err)
	}
	base = filepath.Join(dir, "base")
	if err := m.Save(base, vision.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	var rows []string
	for i := range 16 {
		row := map[string]any{"path": fmt.Sprintf("%d.png", i), "label": "defect", "group": fmt.Sprint(i % 4)}
		kind := "scratch"
		switch {
		case i >= 12 && (!templates || channels == 1):
			kind, row["label"] = "", "good"
		case templates:
			write(t, dir, fmt.Sprintf("data/%d_temp.png", i), cloth(t, uint64(i), ""))
			row["template"] = fmt.Sprintf("%d_temp.png", i)
		}
		write(t, dir, fmt.Sprintf("data/%d.png", i), cloth(t, uint64(i), kind))
		if kind != "" {
			row["boxes"] = []any{map[string]any{"x": 6, "y": 8, "width": 6, "height": 4, "label": kind}}
		}
		raw, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, string(raw))
	}
	return filepath.Dir(write(t, dir, "data/manifest.jsonl", strings.Join(rows, "\n")+"\n")), base
}

// TestTransferInspectBoxes: of pictures with boxes it is boxes that count, beside the difference from templates or principal components.
func TestTransferInspectBoxes(t *testing.T) {
	for _, c := range []struct {
		templates  bool
		channels   int
		about      string
		pool, test float64
	}{{true, 3, "difference", 12, 4}, {true, 1, "difference", 9, 3}, {false, 3, "principal components", 9, 4}} {
		templates := c.templates
		data, base := boards(t, templates, c.channels)
		r := lastObject(t, mustFM(t, "", "report", "transfer", "inspect", "--base", base, "--data", data, "--test-group", "1", "--arms", "baseline,scratch,full", "--budgets", "2,all",
			"--seeds", "1", "--grid", "5e-3:10", "--batch", "4", "--json"))
		a := armOf(t, r, "baseline")
		if !strings.HasPrefix(r["metric"].(string), "recall of boxes") || r["test"] != c.test || r["pool"] != c.pool || !strings.Contains(a["about"].(string), c.about) {
			t.Errorf("%+v: report says %v", c, r)
		}
		points := a["points"].([]any)
		if first, last := points[0].(map[string]any), points[1].(map[string]any); templates && first["mean"] != last["mean"] {
			t.Errorf("the difference learns: %v and %v", first, last)
		}
	}
}
