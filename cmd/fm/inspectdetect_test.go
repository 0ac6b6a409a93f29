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

// TestInspectDefects goes from marked and labelled defects in MVTec folders to scores, verdicts, heat maps, and to the same bits again.
func TestInspectDefects(t *testing.T) {
	data, base := cloths(t)
	dir := t.TempDir()
	out := filepath.Join(dir, "adapter")
	a := lastObject(t, mustFM(t, "", "adapt", "inspect", "--base", base, "--data", data, "--out", out, "--method", "full", "--shots", "6", "--steps", "150", "--lr", "5e-3",
		"--folds", "2", "--held-back", "0", "--false-boxes", "0.2", "--batch", "8", "--seed", "3", "--upright", "--json"))
	if a["pictures"] != 36.0 || a["task"] != "inspect" || a["method"] != "full" || a["template"] != false || len(a["kinds"].([]any)) != 2 {
		t.Errorf("adapt says %v", a)
	}
	if v := lastObject(t, mustFM(t, "", "verify", out, "--workers", "2", "--json")); v["match"] != true || v["got"] != a["digest"] {
		t.Errorf("verify says %v, want %v", v, a["digest"])
	}
	s := lastObject(t, mustFM(t, "", "eval", "inspect", "--adapter", out, "--data", data, "--json"))
	if s["n"] != 12.0 || s["image_AUROC"].(float64) < 0.9 || s["pixel_AUROC"].(float64) < 0.8 { // 8 good ones and 2 of each kind that it hasn't seen
		t.Errorf("eval says %v", s)
	}
	for _, key := range []string{"AUPRO", "recall", "named", "false_per_image", "mean_average_precision", "F1", "recall_at_0.01", "interval"} {
		if _, ok := s[key]; !ok {
			t.Errorf("eval lacks %s: %v", key, s)
		}
	}
	kinds := s["kinds"].(map[string]any)
	if k := kinds["scratch"].(map[string]any); k["n"] != 10.0 || k["average_precision"] == nil || k["image_AUROC"] == nil {
		t.Errorf("scratch: %v", k)
	}
	line := fmt.Sprintf("{\"id\": \"a\", \"image\": %q}\n", filepath.Join(data, "test/scratch/00.png"))
	v := lastObject(t, mustFM(t, line, "predict", "--adapter", out, "--overlay", filepath.Join(dir, "heat")))
	if v["id"] != "a" || v["milliseconds"] == nil || v["threshold"] == nil || v["score"] == nil {
		t.Errorf("predict says %v", v)
	}
	if m, err := picture.DecodeFile(v["overlay"].(string), picture.Limits{}); err != nil || m.Rect.Dx() != 24 {
		t.Errorf("overlay %v: %v", v["overlay"], err)
	}
	mustFM(t, "", "predict", "--adapter", out, "--images", filepath.Join(data, "test"), "--out", filepath.Join(dir, "sheet"))
	if raw, err := os.ReadFile(filepath.Join(dir, "sheet/results.csv")); err != nil || strings.Count(string(raw), "\n") != 25 {
		t.Errorf("the table is %q, %v", raw, err)
	}
}

// TestInspectTemplates: pairs of pictures and boxes, from a manifest.
func TestInspectTemplates(t *testing.T) {
	dir := t.TempDir()
	c, err := vision.Preset("tiny", 8, 4)
	if err != nil {
		t.Fatal(err)
	}
	c.Hidden, c.Heads, c.Intermediate = 16, 2, 32
	m, err := vision.New(c, picture.NewProcessor(8, 8, 3), 7)
	if err != nil {
		t.Fatal(err)
	}
	base := filepath.Join(dir, "base")
	if err := m.Save(base, vision.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	var rows []string
	for i := range 8 {
		write(t, dir, fmt.Sprintf("data/%d_temp.png", i), cloth(t, uint64(i), ""))
		write(t, dir, fmt.Sprintf("data/%d.png", i), cloth(t, uint64(i), "scratch"))
		raw, err := json.Marshal(map[string]any{
			"path": fmt.Sprintf("%d.png", i), "template": fmt.Sprintf("%d_temp.png", i), "label": "defect", "group": fmt.Sprint(i % 4),
			"boxes": []any{map[string]any{"x": 6, "y": 8, "width": 6, "height": 4, "label": "scratch"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, string(raw))
	}
	data := filepath.Dir(write(t, dir, "data/manifest.jsonl", strings.Join(rows, "\n")+"\n"))
	out := filepath.Join(dir, "adapter")
	adapt := []string{"adapt", "inspect", "--base", base, "--data", data, "--out", out, "--method", "lora", "--rank", "2", "--steps", "20", "--folds", "2", "--batch", "4", "--pad", "0", "--json"}
	if a := lastObject(t, mustFM(t, "", adapt...)); a["template"] != true || a["method"] != "lora" || a["metrics"].(map[string]any)["n"] != 2.0 { // one of four groups is held back
		t.Errorf("adapt says %v", a)
	}
	if s := lastObject(t, mustFM(t, "", "eval", "inspect", "--adapter", out, "--data", data, "--json")); s["n"] != 2.0 || s["pixel_AUROC"] == nil {
		t.Errorf("eval says %v", s)
	}
	first, template := filepath.Join(data, "0.png"), filepath.Join(data, "0_temp.png")
	line := fmt.Sprintf("{\"image\": %q, \"template\": %q}\n", first, template)
	with := lastObject(t, mustFM(t, line, "predict", "--adapter", out))
	same := lastObject(t, mustFM(t, fmt.Sprintf("{\"image\": %q}\n", first), "predict", "--adapter", out, "--template", template))
	if with["score"] == nil || with["score"] != same["score"] {
		t.Errorf("predict says %v and %v", with, same)
	}
	digests := map[any]bool{}
	for _, optimizer := range []string{"adamw", "muon"} {
		args := []string{"adapt", "inspect", "--base", base, "--data", data, "--out", filepath.Join(dir, optimizer), "--method", "scratch", "--steps", "5", "--folds", "0", "--optimizer", optimizer, "--json"}
		digests[lastObject(t, mustFM(t, "", append(args, "--zoom", "0.2")...))["digest"]] = true
		digests[lastObject(t, mustFM(t, "", args...))["digest"]] = true
	}
	if len(digests) != 4 {
		t.Errorf("got %d models of two optimizers with zooms and without, want 4", len(digests))
	}
	before := tree(t, dir)
	for _, tt := range []struct {
		stdin, says string
		args        []string
	}{
		{"", "--images needs --template", []string{"predict", "--adapter", out, "--images", data, "--out", filepath.Join(dir, "sheet")}},
		{fmt.Sprintf("{\"image\": %q}\n", first), "\"template\" is missing", []string{"predict", "--adapter", out}},
		{fmt.Sprintf("{\"image\": %q, \"template\": %q}\n", first, filepath.Join(dir, "none.png")), "none.png", []string{"predict", "--adapter", out}},
		{"", "--method", append(adapt, "--method", "memory")},
		{"", "--coreset goes with --method memory_bank", append(adapt, "--coreset", "0.1")},
		{"", "--shots goes with --method full", []string{"adapt", "inspect", "--base", base, "--data", data, "--out", out, "--shots", "2"}},
		{"", "--rank goes with --method lora", append(adapt, "--method", "full")},
		{"", "folds: got 1", append(adapt, "--folds", "1")},
		{"", "too few", append(adapt, "--shots", "20")},
		{"", "negative: got it with templates", append(adapt, "--negative")},
		{"", "opposite: got kinds", append(adapt, "--opposite", "hole=blob")},
		{"", "want kinds among", append(adapt, "--template=false", "--negative", "--opposite", "hole=nothing")},
		{"", "turns: got 9", append(adapt, "--turns", "9")},
		{"", "zoom: got 1", append(adapt, "--zoom", "1")},
		{"", "optimizer: got \"sgd\"", append(adapt, "--optimizer", "sgd")},
	} {
		_, code, err := fm(t, tt.stdin, tt.args...)
		if code != exitUsage || err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q: code %d, %v, want %d and %q", tt.args, code, err, exitUsage, tt.says)
		}
	}
	if after := tree(t, dir); len(after) != len(before) {
		t.Errorf("left %q", after)
	}
}
