package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// cloth is a picture of stripes with noise, with a scratch or with stripes the other way.
func cloth(t *testing.T, seed uint64, kind string) string {
	t.Helper()
	r := random.New(random.Key(seed, "cloth"))
	m := image.NewGray(image.Rect(0, 0, 24, 20))
	for y := range 20 {
		for x := range 24 {
			at := y
			if kind == "turned" {
				at = x
			}
			v := 120 + 40*float64(at/2%2) + 10*r.Normal()
			if kind == "scratch" && y >= 8 && y < 12 && x >= 6 && x < 12 {
				v = 250
			}
			m.SetGray(x, y, color.Gray{Y: uint8(max(0, min(255, v)))})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// cloths writes an MVTec folder and a base for it.
func cloths(t *testing.T) (data, base string) {
	t.Helper()
	dir := t.TempDir()
	for i := range 24 {
		write(t, dir, fmt.Sprintf("data/train/good/%02d.png", i), cloth(t, uint64(i), ""))
	}
	mask := image.NewGray(image.Rect(0, 0, 24, 20))
	for y := 8; y < 12; y++ {
		for x := 6; x < 12; x++ {
			mask.SetGray(x, y, color.Gray{Y: 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, mask); err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		write(t, dir, fmt.Sprintf("data/test/good/%02d.png", i), cloth(t, uint64(100+i), ""))
		write(t, dir, fmt.Sprintf("data/test/turned/%02d.png", i), cloth(t, uint64(200+i), "turned"))
		write(t, dir, fmt.Sprintf("data/test/scratch/%02d.png", i), cloth(t, uint64(300+i), "scratch"))
		write(t, dir, fmt.Sprintf("data/ground_truth/scratch/%02d_mask.png", i), b.String())
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
	base = filepath.Join(dir, "base")
	if err := m.Save(base, vision.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "data"), base
}

// TestInspect goes from good pictures to scores, verdicts, heat maps, a page, and to the same bits again.
func TestInspect(t *testing.T) {
	data, base := cloths(t)
	dir := t.TempDir()
	out := filepath.Join(dir, "adapter")
	a := lastObject(t, mustFM(t, "", "adapt", "inspect", "--base", base, "--data", data, "--out", out, "--false-alarms", "0.05", "--blur", "1", "--seed", "3", "--json"))
	if a["pictures"] != 24.0 || a["task"] != "inspect" || a["method"] != "memory_bank" {
		t.Errorf("adapt says %v", a)
	}
	if v := lastObject(t, mustFM(t, "", "verify", out, "--json")); v["match"] != true || v["got"] != a["digest"] {
		t.Errorf("verify says %v, want %v", v, a["digest"])
	}
	alike := filepath.Join(dir, "alike") // in exposure and contrast
	mustFM(t, "", "adapt", "inspect", "--base", base, "--data", data, "--out", alike, "--false-alarms", "0.05", "--standardize")
	if raw, err := os.ReadFile(filepath.Join(alike, "fmkit.json")); err != nil || !strings.Contains(string(raw), `"contrast"`) {
		t.Errorf("--standardize: passport %s, %v, want the contrast of good pictures", raw, err)
	}
	if v := lastObject(t, mustFM(t, "", "verify", alike, "--json")); v["match"] != true {
		t.Errorf("--standardize: verify says %v", v)
	}
	s := lastObject(t, mustFM(t, "", "eval", "inspect", "--adapter", out, "--data", data, "--json"))
	for _, key := range []string{"n", "image_AUROC", "pixel_AUROC", "AUPRO", "recall", "false_per_image", "F1", "recall_at_0.01", "false_per_thousand", "interval", "kinds"} {
		if _, ok := s[key]; !ok {
			t.Errorf("eval lacks %s: %v", key, s)
		}
	}
	if s["n"] != 24.0 || s["image_AUROC"].(float64) < 0.95 || s["pixel_AUROC"].(float64) < 0.8 || s["recall"].(float64) < 0.9 {
		t.Errorf("eval says %v", s)
	}
	for name, i := range s["interval"].(map[string]any) {
		i, v := i.([]any), s[name].(float64)
		if i[0].(float64) > v || i[1].(float64) < v {
			t.Errorf("%s %v is not in its interval %v", name, v, i)
		}
	}
	kinds := s["kinds"].(map[string]any)
	if k := kinds["turned"].(map[string]any); k["n"] != 16.0 || k["image_AUROC"].(float64) < 0.95 {
		t.Errorf("turned: %v", k)
	}
	if text := mustFM(t, "", "eval", "inspect", "--adapter", out, "--data", data); !strings.Contains(text, "scratch: n 16") {
		t.Errorf("eval says %q", text)
	}

	p := lastObject(t, mustFM(t, "", "eval", "inspect", "--baseline", "pca", "--data", data, "--json"))
	if _, verdicts := p["recall"]; p["n"] != 24.0 || p["image_AUROC"].(float64) < 0.5 || verdicts || len(p["kinds"].(map[string]any)) != 2 {
		t.Errorf("the baseline comes to %v", p)
	}

	heat := filepath.Join(dir, "heat")
	line := func(path string) string { return fmt.Sprintf("{\"id\": \"a\", \"image\": %q}\n", path) }
	bad, good := filepath.Join(data, "test/scratch/00.png"), filepath.Join(data, "test/good/00.png")
	lines := strings.Split(strings.TrimSpace(mustFM(t, line(bad)+line(good), "predict", "--adapter", out, "--overlay", heat)), "\n")
	var answers []map[string]any
	for _, l := range lines {
		var v map[string]any
		if err := json.Unmarshal([]byte(l), &v); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, v)
	}
	if len(answers) != 2 || answers[0]["label"] != "defect" || answers[1]["label"] != "ok" || answers[0]["id"] != "a" || answers[0]["milliseconds"] == nil {
		t.Fatalf("predict says %v", answers)
	}
	if boxes := answers[0]["boxes"].([]any); len(boxes) == 0 {
		t.Errorf("no box: %v", answers[0])
	}
	first, second := answers[0]["overlay"].(string), answers[1]["overlay"].(string)
	if m, err := picture.DecodeFile(first, picture.Limits{}); err != nil || m.Rect.Dx() != 24 || first == second {
		t.Errorf("overlays %s, %s: %v", first, second, err)
	}
}

// TestInspectNames: kinds of defects are named after a few labelled pictures, which eval leaves out and verify looks at again.
func TestInspectNames(t *testing.T) {
	data, base := cloths(t)
	out := filepath.Join(t.TempDir(), "adapter")
	a := lastObject(t, mustFM(t, "", "adapt", "inspect", "--base", base, "--data", data, "--out", out, "--false-alarms", "0.05", "--blur", "1", "--names", "3", "--json"))
	if a["named"] != 1.0 || fmt.Sprint(a["kinds"]) != "[scratch turned]" || a["pictures"] != 24.0 {
		t.Errorf("adapt says %v", a)
	}
	if v := lastObject(t, mustFM(t, "", "verify", out, "--json")); v["match"] != true {
		t.Errorf("verify says %v", v)
	}
	s := lastObject(t, mustFM(t, "", "eval", "inspect", "--adapter", out, "--data", data, "--json"))
	if s["n"] != 18.0 || s["named"].(float64) < 0.8 || s["kinds"].(map[string]any)["scratch"].(map[string]any)["named"] == nil {
		t.Errorf("eval says %v", s)
	}
	seen := 0
	for _, kind := range []string{"scratch", "turned"} {
		for i := range 8 {
			line := fmt.Sprintf("{\"image\": %q}\n", filepath.Join(data, "test", kind, fmt.Sprintf("%02d.png", i)))
			if v := lastObject(t, mustFM(t, line, "predict", "--adapter", out)); v["label"] == "defect" && v["class"] == kind {
				seen++
			}
		}
	}
	if seen < 13 {
		t.Errorf("%d of 16 named right", seen)
	}
	_, code, err := fm(t, "", "adapt", "inspect", "--base", base, "--data", data, "--out", out+"2", "--false-alarms", "0.05", "--names", "9")
	if code != exitUsage || err == nil || !strings.Contains(err.Error(), "class scratch: class has too few") {
		t.Errorf("too few: %d, %v", code, err)
	}
}

// TestInspectFolder judges a folder, damaged and hidden files in it.
func TestInspectFolder(t *testing.T) {
	data, base := cloths(t)
	dir := t.TempDir()
	out := filepath.Join(dir, "adapter")
	mustFM(t, "", "adapt", "inspect", "--base", base, "--data", data, "--out", out, "--false-alarms", "0.05", "--blur", "1")
	images := filepath.Join(dir, "images")
	write(t, images, "a.png", cloth(t, 400, ""))
	write(t, images, "line 2/<b>.png", cloth(t, 401, "scratch"))
	write(t, images, "c.jpg", "no picture")
	write(t, images, ".hidden.png", "no picture")
	write(t, images, "notes.txt", "no picture")
	results := filepath.Join(images, "results")
	var files [2]string
	for round := range files {
		r := lastObject(t, mustFM(t, "", "predict", "--adapter", out, "--images", images, "--out", results, "--overlay", filepath.Join(results, "heat"), "--json"))
		if r["images"] != 3.0 || r["errors"] != 1.0 || r["defect"] != 1.0 || r["ok"] != 1.0 {
			t.Fatalf("says %v", r)
		}
		for _, name := range []string{"results.csv", "index.html"} {
			raw, err := os.ReadFile(filepath.Join(results, name))
			if err != nil {
				t.Fatal(err)
			}
			files[round] += string(raw)
		}
	}
	if files[0] != files[1] {
		t.Error("a second time gives other files")
	}
	f, err := os.Open(filepath.Join(results, "results.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != 4 || rows[1][1] != "ok" || rows[2][1] != "error" || rows[2][6] == "" || rows[3][0] != "line 2/<b>.png" || rows[3][1] != "defect" {
		t.Errorf("results %q, %v", rows, err)
	}
	page := files[0][strings.Index(files[0], "<!doctype"):]
	if strings.Contains(page, "<b>") || strings.Contains(page, "http") || !strings.Contains(page, "data:image/jpeg;base64,") {
		t.Error("the page needs something else, or shows names as markup")
	}
	if strings.Index(page, "c.jpg") > strings.Index(page, "&lt;b&gt;") || strings.Index(page, "&lt;b&gt;") > strings.Index(page, "a.png") {
		t.Error("the worst do not come first")
	}
	if _, err := os.Stat(filepath.Join(results, "heat", "line 2", "<b>.png.png")); err != nil {
		t.Error(err)
	}
}

// TestInspectWatch: pictures that come later are judged once they stand still, and a signal ends it with everything written.
func TestInspectWatch(t *testing.T) {
	data, base := cloths(t)
	dir := t.TempDir()
	out := filepath.Join(dir, "adapter")
	mustFM(t, "", "adapt", "inspect", "--base", base, "--data", data, "--out", out, "--false-alarms", "0.05", "--blur", "1")
	images, results := filepath.Join(dir, "images"), filepath.Join(dir, "results")
	write(t, images, "a.png", cloth(t, 400, ""))
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan error, 1)
	var stdout, stderr strings.Builder
	go func() {
		ended <- run(ctx, []string{"predict", "--adapter", out, "--images", images, "--out", results, "--watch", "--every", "20ms"}, strings.NewReader(""), &stdout, &stderr)
	}()
	until := func(want string) {
		t.Helper()
		for range 1000 {
			if raw, _ := os.ReadFile(filepath.Join(results, "results.csv")); strings.Contains(string(raw), want) {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatalf("no %q", want)
	}
	until("a.png,ok")
	whole := cloth(t, 401, "scratch")
	f, err := os.Create(filepath.Join(images, "b.png")) // grows for longer than several looks
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(whole); i += len(whole)/20 + 1 {
		if _, err := f.WriteString(whole[i:min(len(whole), i+len(whole)/20+1)]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	until("b.png,defect")
	write(t, images, "b.png", cloth(t, 402, "")+" ") // changed
	until("b.png,ok")
	cancel(interrupt{os.Interrupt})
	if err := <-ended; exitCode(ctx, err) != exitSIGINT {
		t.Errorf("ends with %v", err)
	}
	if _, err := os.Stat(filepath.Join(results, "index.html")); err != nil {
		t.Error(err)
	}
}

// TestInspectBadInput holds exit code 2, an error that says what is wrong, and nothing written.
func TestInspectBadInput(t *testing.T) {
	data, base := cloths(t)
	dir := t.TempDir()
	out := filepath.Join(dir, "adapter")
	mustFM(t, "", "adapt", "inspect", "--base", base, "--data", data, "--out", out, "--false-alarms", "0.05")
	before := tree(t, dir)
	other := filepath.Join(dir, "other")
	adapt := []string{"adapt", "inspect", "--base", base, "--data", data, "--out", other, "--false-alarms", "0.05"}
	predict := []string{"predict", "--adapter", out}
	for _, tt := range []struct {
		args  []string
		more  []string
		stdin string
		says  string
	}{
		{adapt[:4], nil, "", "--data is missing"},
		{adapt, []string{"--data", filepath.Join(dir, "none")}, "", "none"},
		{adapt, []string{"--base", dir}, "", "config.json"},
		{adapt, []string{"--false-alarms", "0.01"}, "", "got 24, want at least 99"},
		{adapt, []string{"--layers", "3"}, "", "layers"},
		{adapt, []string{"--coreset", "2"}, "", "coreset"},
		{adapt, []string{"--size", "-1"}, "", "--size"},
		{adapt, []string{"--config", filepath.Join(data, "train/good/00.png")}, "", "00.png"},
		{[]string{"eval", "inspect", "--adapter", out}, nil, "", "--data is missing"},
		{[]string{"eval", "inspect", "--data", data}, nil, "", "--adapter and --baseline"},
		{[]string{"eval", "inspect", "--data", data, "--baseline", "hog"}, nil, "", "want pca"},
		{[]string{"eval", "inspect", "--adapter", out, "--data", filepath.Join(data, "train")}, nil, "", "want both"},
		{[]string{"eval", "inspect", "--adapter", out, "--data", data, "--base", "text/mini"}, nil, "", "config.json"},
		{predict, []string{"--images", data}, "", "go together"},
		{predict, []string{"--watch"}, "", "--images"},
		{predict, []string{"--images", filepath.Join(dir, "none"), "--out", other}, "", "want a folder"},
		{predict, []string{"--images", data, "--out", other, "--every", "0s"}, "", "--every"},
		{predict, nil, "{\"image\": \"\"}\n", "line 1: \"image\" is missing"},
		{predict, nil, "{\"picture\": \"a\"}\n", "line 1"},
		{predict, nil, fmt.Sprintf("{\"image\": %q}\n", filepath.Join(dir, "none.png")), "none.png"},
	} {
		_, code, err := fm(t, tt.stdin, append(append([]string(nil), tt.args...), tt.more...)...)
		if code != exitUsage || err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q %q: code %d, %v, want %d and %q", tt.args[0], tt.more, code, err, exitUsage, tt.says)
		}
	}
	if after := tree(t, dir); len(after) != len(before) {
		t.Errorf("left %q", after)
	}
	write(t, data, "train/good/99.png", cloth(t, 99, ""))
	if _, code, err := fm(t, "", "verify", out); code != exitUsage || !strings.Contains(err.Error(), "changed") {
		t.Errorf("other pictures: code %d, %v", code, err)
	}
}
