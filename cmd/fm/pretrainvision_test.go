package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ramps renders pictures that rise in one direction or another, and returns their folder.
func ramps(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		m := image.NewGray(image.Rect(0, 0, 16, 16))
		for at := range m.Pix {
			m.SetGray(at%16, at/16, color.Gray{Y: uint8(40 + 4*i + (at%16)*(i%7) + (at/16)*(i%5))})
		}
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		write(t, dir, fmt.Sprintf("%02d.png", i), b.String())
	}
	return dir
}

// TestPretrainVision goes from pictures to a model and to the same bits again.
func TestPretrainVision(t *testing.T) {
	data, dir := ramps(t, 24), t.TempDir()
	recipe := write(t, dir, "recipe.json", `{
		"model": {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32},
		"decoder_hidden": 16, "decoder_heads": 2, "held": 0.2, "train": {"warmup": 2, "eval_every": 4, "save_every": 4}
	}`)
	args := func(out string, more ...string) []string {
		return append([]string{
			"pretrain", "vision", "--data", data, "--out", filepath.Join(dir, out), "--config", recipe, "--image", "16", "--gray", "--batch", "4", "--json",
		}, more...)
	}
	r := lastObject(t, mustFM(t, "", args("run", "--steps", "12")...))
	for _, key := range []string{"steps", "loss", "eval_loss", "per_second", "images_per_second", "seconds", "digest"} {
		if _, ok := r[key]; !ok {
			t.Errorf("pretrain vision doesn't say %s: %v", key, r)
		}
	}
	if r["steps"] != 12.0 {
		t.Errorf("%v steps, want 12", r["steps"])
	}
	if v := lastObject(t, mustFM(t, "", "verify", filepath.Join(dir, "run"), "--json")); v["match"] != true || v["got"] != r["digest"] {
		t.Errorf("verify says %v, want %v", v, r["digest"])
	}
	if again := lastObject(t, mustFM(t, "", args("run", "--steps", "12", "--resume")...)); again["digest"] != r["digest"] {
		t.Errorf("resumed at its end: got %v, want %v", again["digest"], r["digest"])
	}
	if other := lastObject(t, mustFM(t, "", args("other", "--steps", "12", "--seed", "2", "--half")...)); other["digest"] == r["digest"] {
		t.Error("another seed gives the same weights")
	}
	mustFM(t, "", args("stem", "--steps", "4", "--stem", "4,8")...)
	for run, want := range map[string]bool{"stem": true, "run": false} {
		if said := mustFM(t, "", "inspect-model", filepath.Join(dir, run)); strings.Contains(said, "convolutions of [4 8] channels") != want {
			t.Errorf("%s: got %q, with convolutions: want %t", run, said, want)
		}
	}
	if m := lastObject(t, mustFM(t, "", args("minutes", "--minutes", "0.005")...)); m["steps"].(float64) < 1 {
		t.Errorf("--minutes gave %v steps", m["steps"])
	}
}

// TestPretrainVisionBadInput holds that a run that can't begin writes nothing.
func TestPretrainVisionBadInput(t *testing.T) {
	dir, data := t.TempDir(), ramps(t, 4)
	args := []string{"pretrain", "vision", "--data", data, "--out", filepath.Join(dir, "run"), "--image", "16"}
	for name, c := range map[string]struct {
		more []string
		want string
	}{
		"no data":           {[]string{"--data", filepath.Join(dir, "none")}, "none"},
		"no pictures":       {[]string{"--data", t.TempDir()}, "pictures"},
		"damaged":           {[]string{"--data", filepath.Dir(write(t, t.TempDir(), "a.png", "no picture"))}, "a.png"},
		"preset":            {[]string{"--preset", "huge"}, "huge"},
		"image":             {[]string{"--image", "0"}, "image_size"},
		"patch":             {[]string{"--patch", "5"}, "patch_size"},
		"stem":              {[]string{"--stem", "8"}, "stem_channels"},
		"steps":             {[]string{"--steps", "-3"}, "steps"},
		"minutes":           {[]string{"--minutes", "-1"}, "--minutes"},
		"minutes and steps": {[]string{"--minutes", "1", "--steps", "5"}, "--steps"},
		"unknown key":       {[]string{"--config", write(t, t.TempDir(), "c.json", `{"maks": 3}`)}, "maks"},
		"batch":             {[]string{"--batch", "100000000"}, "batch"},
	} {
		t.Run(name, func(t *testing.T) {
			_, code, err := fm(t, "", append(slices.Clone(args), c.more...)...)
			if code != exitUsage || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("code %d, %v, want %d and %q", code, err, exitUsage, c.want)
			}
			if left := tree(t, dir); len(left) > 1 {
				t.Errorf("wrote files: %v", left)
			}
		})
	}
}
