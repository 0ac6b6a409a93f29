package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// visionBase writes a model folder for gray pictures of 16 x 16 pixels, with random weights and a head of two labels.
func visionBase(t *testing.T, dir string) string {
	t.Helper()
	c, err := vision.Preset("tiny", 16, 4)
	if err != nil {
		t.Fatal(err)
	}
	c.Hidden, c.Heads, c.Layers, c.Intermediate, c.Channels, c.Architectures = 32, 2, 1, 64, 1, []string{"ViTForImageClassification"}
	m, err := vision.New(c, picture.NewProcessor(16, 16, 1), 1)
	if err != nil {
		t.Fatal(err)
	}
	head := []checkpoint.Tensor{
		{Name: "classifier.weight", Shape: []int{2, 32}, Data: make([]float32, 64)}, {Name: "classifier.bias", Shape: []int{2}, Data: []float32{0, 1}},
	}
	path := filepath.Join(dir, "vision-base")
	if err := m.Save(path, vision.SaveOptions{Extra: head, Keys: map[string]any{"id2label": map[string]string{"0": "no", "1": "yes"}}}); err != nil {
		t.Fatal(err)
	}
	return path
}

// bars writes class folders of pictures with bright lines that lie or stand.
func bars(t *testing.T, dir string, n int) string {
	t.Helper()
	for i := range 2 * n {
		m := image.NewGray(image.Rect(0, 0, 16, 16))
		for at := range m.Pix {
			if ([]int{at / 16, at % 16}[i%2]+i/2)%4 < 2 {
				m.Pix[at] = uint8(150 + i)
			}
		}
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		write(t, dir, fmt.Sprintf("pictures/%s/%03d.png", []string{"lying", "standing"}[i%2], i), b.String())
	}
	return filepath.Join(dir, "pictures")
}

// TestClassifyPictures goes the whole way of a classifier of pictures: adapt, eval, predict, verify.
func TestClassifyPictures(t *testing.T) {
	dir := t.TempDir()
	base, data, out := visionBase(t, dir), bars(t, dir, 24), filepath.Join(dir, "adapter")
	adapt := []string{"adapt", "classify", "--base", base, "--data", data, "--out", out, "--eval", data, "--epochs", "30", "--lr", "3e-3", "--batch", "8", "--no-augment", "--json"}
	a := lastObject(t, mustFM(t, "", adapt...))
	if a["task"] != "classify" || a["adapter"] != out || !strings.HasPrefix(a["digest"].(string), "sha256:") {
		t.Errorf("adapt says %v", a)
	}
	s := lastObject(t, mustFM(t, "", "eval", "classify", "--adapter", out, "--data", data, "--json"))
	if s["n"] != 48.0 || s["accuracy"].(float64) < 0.9 || s["macro_f1"].(float64) < 0.9 {
		t.Errorf("eval says %v, want the training data learnt", s)
	}
	lying := filepath.Join(data, "lying", "002.png")
	p := mustFM(t, fmt.Sprintf("{\"image\": %q}\n\n{\"id\": \"7\", \"image\": %q}\n", lying, lying), "predict", "--adapter", out)
	if lines := strings.Split(strings.TrimSpace(p), "\n"); len(lines) != 2 || !strings.HasPrefix(lines[0], `[{"label":"lying","score":0.`) || lines[1] != `{"id":"7","answers":`+lines[0]+`}` {
		t.Errorf("predict says %q", lines)
	}
	v := lastObject(t, mustFM(t, "", "verify", out, "--json"))
	if v["match"] != true || v["want"] != a["digest"] {
		t.Errorf("verify says %v, want a match with %v", v, a["digest"])
	}
	r := lastObject(t, mustFM(t, "", "report", "transfer", "classify", "--base", base, "--data", data, "--shots", "4", "--seeds", "2", "--batch", "8", "--grid", "1e-3:2", "--json"))
	if arms := r["arms"].([]any); len(arms) != 5 || arms[0].(map[string]any)["about"] != "HOG + linear SVM" || arms[0].(map[string]any)["points"].([]any)[0].(map[string]any)["train"] != 8.0 {
		t.Errorf("report says %v", r)
	}
	if err := os.Rename(lying, filepath.Join(data, "standing", "002.png")); err != nil {
		t.Fatal(err)
	}
	if _, code, err := fm(t, "", "verify", out); code != exitUsage || !strings.Contains(err.Error(), data) {
		t.Errorf("verify after a label changed: code %d, %v, want %d and the folder", code, err, exitUsage)
	}
	seen := map[any]string{a["digest"]: "none"}
	for _, extra := range []string{"--scratch", "--no-augment=false", "--crop=0.7", "--method=head", "--pooling=cls", "--logistic=0", "--normalize=false", "--probe=1e-2:2", "--shots=5"} {
		args := append(adapt[:len(adapt):len(adapt)], extra, "--epochs=2")
		args[7] = out + extra
		d := lastObject(t, mustFM(t, "", args...))["digest"]
		if other, ok := seen[d]; ok {
			t.Errorf("%s and %s give the same weights", extra, other)
		}
		seen[d] = extra
	}
}

// TestVisionBase: embed and predict take a vision base as they take one for texts, and bad input is told from failures.
func TestVisionBase(t *testing.T) {
	dir := t.TempDir()
	base, data := visionBase(t, dir), bars(t, dir, 2)
	one := filepath.Join(data, "lying", "000.png")
	var v []float64
	if err := json.Unmarshal([]byte(mustFM(t, one+"\n", "embed", "--base", base, "--normalize")), &v); err != nil || len(v) != 32 {
		t.Errorf("embed gives %d numbers, %v, want 32", len(v), err)
	}
	if p := mustFM(t, fmt.Sprintf("{\"image\": %q}\n", one), "predict", "--base", base); !strings.HasPrefix(p, `[{"label":"yes","score":0.73`) {
		t.Errorf("predict says %q", p)
	}
	texts := smallBase(t, dir, 1)
	out := filepath.Join(dir, "out")
	csv := labelledCSV(t, dir, "train.csv")
	for name, c := range map[string]struct {
		args        []string
		stdin, want string
	}{
		"a text line":           {[]string{"predict", "--base", base}, `{"text": "a"}`, "text"},
		"no such picture":       {[]string{"embed", "--base", base}, "none.png\n", "none.png"},
		"no picture":            {[]string{"embed", "--base", base}, csv + "\n", "train.csv"},
		"pooling":               {[]string{"embed", "--base", base, "--pooling", "max"}, one + "\n", "pooling"},
		"length":                {[]string{"embed", "--base", base, "--length", "8"}, one + "\n", "--length"},
		"texts to learn":        {[]string{"adapt", "classify", "--base", base, "--data", csv, "--out", out}, "", "train.csv"},
		"pictures for texts":    {[]string{"adapt", "classify", "--base", texts, "--data", data, "--out", out}, "", "pictures"},
		"column":                {[]string{"adapt", "classify", "--base", base, "--data", data, "--text-column", "t", "--out", out}, "", "text_column"},
		"length of a picture":   {[]string{"adapt", "classify", "--base", base, "--data", data, "--length", "9", "--out", out}, "", "max_length"},
		"another task":          {[]string{"adapt", "qa", "--base", base, "--data", csv, "--out", out}, "", "vit"},
		"more than a picture":   {[]string{"adapt", "classify", "--base", base, "--data", data, "--crop", "1.5", "--out", out}, "", "least scale"},
		"no augmenting of text": {[]string{"adapt", "classify", "--base", texts, "--data", csv, "--no-augment", "--out", out}, "", "augment"},
	} {
		if _, code, err := fm(t, c.stdin, c.args...); code != exitUsage || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: code %d, %v, want %d and %q", name, code, err, exitUsage, c.want)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: wrote an adapter", name)
		}
	}
}
