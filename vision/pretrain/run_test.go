package pretrain_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/shared/rerun"
	"github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
	"github.com/fmkit/fmkit/vision/pretrain"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/fmkit/fmkit/shared/kernels.(*workers).serve")) // idle workers wait for work
}

// folder renders n pictures: each rises evenly in a direction of its own, so that the patches that are seen tell those that are hidden.
func folder(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		s := random.New(random.Mix(7, uint64(i)))
		dx, dy := 6*(s.IntN(3)-1), 6*(2*s.IntN(2)-1)
		m := image.NewNRGBA(image.Rect(0, 0, 20, 20))
		for y := range 20 {
			for x := range 20 {
				v := uint8(128 + dx*(x-10) + dy*(y-10))
				m.SetNRGBA(x, y, color.NRGBA{v, v / 2, 255 - v, 255})
			}
		}
		var buf bytes.Buffer
		if err := png.Encode(&buf, m); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%04d.png", i)), buf.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func config(t testing.TB, steps int) pretrain.Config {
	t.Helper()
	c, err := pretrain.Default("tiny", 16, 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	c.Model.Hidden, c.Model.Heads, c.Model.Layers, c.Model.Intermediate = 32, 2, 1, 64
	c.DecoderHidden, c.DecoderHeads = 32, 2
	c.Batch, c.EvalMax = 16, 40
	c.Train.Steps, c.Train.Warmup, c.Train.LR, c.Train.EvalEvery, c.Train.SaveEvery = steps, steps/10, 3e-3, 0, 8
	return c
}

// TestLearns: a mean, all that a patch tells of itself before anything is learnt, has a loss of about 1.
func TestLearns(t *testing.T) {
	c := config(t, 500)
	c.Augment = picture.Augment{FlipH: 0.5}
	out := filepath.Join(t.TempDir(), "run")
	r, err := pretrain.Run(context.Background(), c, pretrain.Options{Data: folder(t, 300), Out: out})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", r)
	if !(r.EvalLoss < 0.4) || !(r.Loss < 0.5) || r.Steps != 500 || r.ImagesPerSecond <= 0 {
		t.Errorf("got %+v, want an evaluation below 0.4", r)
	}
	for _, name := range []string{"recipe.json", "metrics.jsonl", "report.html", "README.md", "preprocessor_config.json"} {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			t.Error(err)
		}
	}
}

type writer func(string)

func (w writer) Write(p []byte) (int, error) { w(string(p)); return len(p), nil }

// TestSameBits: the weights depend neither on the number of workers nor on a stop halfway, and Verify finds them again; also with a stem.
func TestSameBits(t *testing.T) {
	t.Run("plain", func(t *testing.T) { sameBits(t, nil) })
	t.Run("stem", func(t *testing.T) { sameBits(t, []int{8, 16}) })
}

func sameBits(t *testing.T, stem []int) {
	dir := folder(t, 60)
	c := config(t, 20)
	c.Model.Stem = stem
	c.Train.Accumulate = 2
	c.Augment.Rotate, c.Augment.Jitter = 20, &picture.Jitter{Brightness: 0.3}
	whole := filepath.Join(t.TempDir(), "whole")
	want, err := pretrain.Run(context.Background(), c, pretrain.Options{Data: dir, Out: whole})
	if err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{1, 2, 5} {
		kernels.SetWorkers(workers)
		got, err := pretrain.Run(context.Background(), c, pretrain.Options{Data: dir, Out: filepath.Join(t.TempDir(), "run")})
		kernels.SetWorkers(0)
		if err != nil || got.Digest != want.Digest || got.EvalLoss != want.EvalLoss {
			t.Errorf("%d workers: got %+v, %v, want %+v", workers, got, err, want)
		}
	}
	out := filepath.Join(t.TempDir(), "run")
	ctx, cancel := context.WithCancel(context.Background())
	stop := writer(func(line string) {
		if strings.Contains(line, "step") {
			cancel()
		}
	})
	c.Train.EvalEvery = 5 // which is when the log is told
	if _, err := pretrain.Run(ctx, c, pretrain.Options{Data: dir, Out: out, Log: stop}); !errors.Is(err, train.ErrStopped) {
		t.Fatalf("stopped: got %v", err)
	}
	cancel()
	if _, err := os.Stat(filepath.Join(out, "checkpoint-20")); err == nil || !pretrain.IsRun(out) {
		t.Error("it wasn't stopped on its way")
	}
	if _, err := pretrain.Run(context.Background(), c, pretrain.Options{Data: dir, Out: out}); !errors.Is(err, train.ErrRunExists) {
		t.Errorf("without resume: got %v", err)
	}
	got, err := pretrain.Run(context.Background(), c, pretrain.Options{Data: dir, Out: out, Resume: true})
	if err != nil || got.Digest != want.Digest {
		t.Errorf("resumed: got %+v, %v, want %+v", got, err, want)
	}
	other := c
	other.Train.Seed++
	if got, err := pretrain.Run(context.Background(), other, pretrain.Options{Data: dir, Out: filepath.Join(t.TempDir(), "run")}); err != nil || got.Digest == want.Digest {
		t.Errorf("another seed: got the same weights, or %v", err)
	}
	if !pretrain.IsRun(whole) || pretrain.IsRun(dir) {
		t.Error("a run isn't taken for one, or pictures are")
	}
	if v, err := pretrain.Verify(context.Background(), whole, rerun.Options{Temp: t.TempDir()}); err != nil || !v.Match || v.Want != want.Digest || v.Steps != 20 {
		t.Errorf("verify: got %+v, %v", v, err)
	}
	if v, err := pretrain.Verify(context.Background(), out, rerun.Options{Last: 5}); err != nil || !v.Match || v.Want != want.Digest || v.Steps < 5 || v.Steps >= 20 {
		t.Errorf("verify of the last steps: got %+v, %v", v, err)
	}
	if err := os.Remove(filepath.Join(dir, "0003.png")); err != nil {
		t.Fatal(err)
	}
	if _, err := pretrain.Verify(context.Background(), whole, rerun.Options{}); !errors.Is(err, adapter.ErrDataChanged) {
		t.Errorf("without a picture: got %v", err)
	}
}

// TestSaved: the folder is a model that encodes the same after loading, and has the decoder's tensors, in half precision too.
func TestSaved(t *testing.T) {
	dir := folder(t, 30)
	for _, half := range []bool{false, true} {
		c := config(t, 4)
		c.Half = half
		out := filepath.Join(t.TempDir(), "run")
		r, err := pretrain.Run(context.Background(), c, pretrain.Options{Data: dir, Out: out})
		if err != nil {
			t.Fatal(err)
		}
		m, err := vision.Load(out)
		if err != nil {
			t.Fatal(err)
		}
		tensors, _, err := checkpoint.ReadFile(filepath.Join(out, "model.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		if got := checkpoint.Digest(tensors); got != r.Digest {
			t.Errorf("half %v: the file has digest %s, want %s", half, got, r.Digest)
		}
		mask := slices.IndexFunc(tensors, func(x checkpoint.Tensor) bool { return x.Name == "decoder.mask_token" })
		if mask < 0 || !slices.Equal(tensors[mask].Shape, []int{1, 1, 32}) {
			t.Error("no mask token")
		}
		if v, err := pretrain.Verify(context.Background(), out, rerun.Options{}); err != nil || !v.Match {
			t.Errorf("half %v: verify: got %+v, %v", half, v, err)
		}
		raw, err := os.ReadFile(filepath.Join(out, "config.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`"decoder_hidden_size": 32`, `"norm_pix_loss": true`, `"ViTMAEForPreTraining"`, `"vit_mae"`} {
			if !strings.Contains(string(raw), want) {
				t.Errorf("config.json has no %s: %s", want, raw)
			}
		}
		again := filepath.Join(t.TempDir(), "again")
		if err := m.Save(again, vision.SaveOptions{}); err != nil {
			t.Fatal(err)
		}
		m2, err := vision.Load(again)
		if err != nil {
			t.Fatal(err)
		}
		var y [2][17 * 32]float32
		pixels := make([]float32, 16*16)
		for i := range pixels {
			pixels[i] = float32(i%7) / 7
		}
		if err := errors.Join(m.Snapshot().Encode(y[0][:], pixels, 1), m2.Snapshot().Encode(y[1][:], pixels, 1)); err != nil || y[0] != y[1] {
			t.Errorf("encodings differ, or %v", err)
		}
	}
}

func TestBadConfig(t *testing.T) {
	base := config(t, 4)
	for raw, field := range map[string]string{
		`{"mask": 0}`: "mask", `{"mask": 0.999}`: "mask", `{"mask": 0.02}`: "mask", `{"decoder_hidden": 30}`: "decoder_hidden", `{"decoder_heads": 5}`: "decoder_hidden",
		`{"decoder_layers": 0}`: "decoder_layers", `{"batch": 0}`: "batch", `{"batch": 100000, "model": {"image_size": 4096, "patch_size": 1024}}`: "batch", `{"held": 0}`: "held",
		`{"eval_max": 0}`: "eval_max", `{"masks": 1}`: "masks", `{"model": {"image_size": 15}}`: "image_size", `{"model": {"model_type": "vit"}}`: "vit_mae",
		`{"train": {"lr": -1}}`: "lr", `{"augment": {"flip_h": 2}}`: "flip_h", `{`: "", `{"model": {"position_embedding_type": "absolute"}}`: "sinusoidal",
	} {
		if _, err := pretrain.ParseConfig([]byte(raw), base); !errors.Is(err, pretrain.ErrConfig) || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: got %v", raw, err)
		}
	}
	c, err := pretrain.ParseConfig([]byte(`{"model": {"image_size": 24}, "augment": {"crop": {"scale": [0.3, 1]}}}`), base)
	if err != nil || c.Augment.Crop.Width != 24 || c.Augment.Crop.Scale[0] != 0.3 || base.Augment.Crop.Width != 16 || base.Augment.Crop.Scale[0] != 0.5 || c.Model.MaxPositions != 37 {
		t.Errorf("got %+v, %v", c, err)
	}
}

// FuzzParseConfig: what is read is valid.
func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(`{"mask": 0.6, "batch": 3, "augment": {"crop": null}, "model": {"image_size": 8, "patch_size": 2}}`))
	f.Add([]byte(`{"decoder_hidden": 16, "train": {"steps": 3}, "norm_pixels": false}`))
	base := config(f, 4)
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := pretrain.ParseConfig(raw, base)
		if err == nil {
			err = c.Validate()
		} else if errors.Is(err, pretrain.ErrConfig) {
			return
		}
		if err != nil {
			t.Error(err)
		}
	})
}

func TestBadData(t *testing.T) {
	bad := folder(t, 10)
	if err := os.WriteFile(filepath.Join(bad, "0004.png"), []byte("\x89PNG\r\n\x1a\nand no more"), 0o644); err != nil {
		t.Fatal(err)
	}
	model := t.TempDir()
	if err := os.WriteFile(filepath.Join(model, "config.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	for about, f := range map[string]struct {
		data, out string
		want      error
		says      string
	}{
		"missing":     {filepath.Join(bad, "none"), "", os.ErrNotExist, "none"},
		"no pictures": {t.TempDir(), "", dataset.ErrLayout, "picture"},
		"one":         {folder(t, 1), "", data.ErrEmpty, "1 pictures"},
		"damaged":     {bad, "", picture.ErrDecode, "0004.png"},
		"a model":     {folder(t, 3), model, checkpoint.ErrNotReplaceable, "config.json"},
	} {
		if f.out == "" {
			f.out = filepath.Join(t.TempDir(), "run")
		}
		_, err := pretrain.Run(context.Background(), config(t, 4), pretrain.Options{Data: f.data, Out: f.out})
		if !errors.Is(err, f.want) || !strings.Contains(err.Error(), f.says) {
			t.Errorf("%s: got %v, want %v and %q", about, err, f.want, f.says)
		}
		if _, err := os.Stat(filepath.Join(f.out, "model.safetensors")); err == nil {
			t.Errorf("%s: a model was written", about)
		}
	}
	if _, err := pretrain.Run(context.Background(), config(t, 4), pretrain.Options{Data: bad}); !errors.Is(err, pretrain.ErrConfig) {
		t.Errorf("no folder: got %v", err)
	}
}
