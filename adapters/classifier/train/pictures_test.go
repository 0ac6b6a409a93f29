package train_test

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
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/adapters/classifier/pictures"
	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
	loop "github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// visionBase is a tiny ViT with random weights, for gray pictures of 16 x 16 pixels.
func visionBase(t testing.TB, seed uint64) *vision.Model {
	t.Helper()
	c, err := vision.Preset("tiny", 16, 4)
	if err != nil {
		t.Fatal(err)
	}
	c.Hidden, c.Heads, c.Layers, c.Intermediate, c.Channels = 32, 2, 1, 64, 1
	m, err := vision.New(c, picture.NewProcessor(16, 16, 1), seed)
	if err != nil {
		t.Fatal(err)
	}
	m.Name = "vision-base"
	return m
}

// stripe renders a noisy picture of stripes that lie or stand, or of none.
func stripe(class string, r *random.Stream) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, 20, 20))
	phase := r.IntN(6)
	for y := range 20 {
		for x := range 20 {
			v := 100 + r.IntN(40)
			switch {
			case class == "lying" && (y+phase)/3%2 == 0, class == "standing" && (x+phase)/3%2 == 0:
				v += 80
			}
			m.SetGray(x, y, color.Gray{Y: uint8(v)})
		}
	}
	return m
}

// stripes writes class folders of n pictures each below dir/split.
func stripes(t testing.TB, dir, split string, n int, seed uint64) string {
	t.Helper()
	r := random.New(seed)
	for _, class := range []string{"lying", "plain", "standing"} {
		for i := range n {
			var b bytes.Buffer
			if err := png.Encode(&b, stripe(class, r)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, split, class, fmt.Sprintf("%03d.png", i))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// striped is a data set with the splits train and test.
func striped(t testing.TB, n int) string {
	t.Helper()
	return stripes(t, stripes(t, t.TempDir(), "train", n, 1), "test", 12, 2)
}

func pictureConfig() train.Config {
	c := train.PictureDefaults()
	c.Batch, c.LR, c.Epochs, c.Logistic, c.Normalize = 8, 2e-3, 12, 0, false
	return c
}

// adaptPictures trains an adapter on a data set of its own splits.
func adaptPictures(t testing.TB, m *vision.Model, path string, c train.Config, o finetune.Options) *adapter.Passport {
	t.Helper()
	d, err := train.ReadPictures(path, path, c)
	if err != nil {
		t.Fatal(err)
	}
	p, err := train.Pictures().Adapt(context.Background(), m, d, c, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPictures: every way to train learns, the base stays as it is, and what is loaded scores as what was saved.
func TestPictures(t *testing.T) {
	path, m := striped(t, 40), visionBase(t, 3)
	before := m.Fingerprint()
	for name, w := range map[string]struct {
		least  float64
		change func(c *train.Config)
	}{
		"full":     {0.9, func(*train.Config) {}},
		"cls":      {0.9, func(c *train.Config) { c.Pooling = "cls" }},
		"scratch":  {0.9, func(c *train.Config) { c.Method = adapter.Scratch }},
		"probe":    {0.9, func(c *train.Config) { c.Probe = finetune.Choice{LR: 1e-2, Epochs: 10} }},
		"logistic": {0.9, func(c *train.Config) { c.Logistic, c.Normalize, c.Augment = 1, true, &picture.Augment{} }},
		"head":     {0.6, func(c *train.Config) { c.Method, c.LR, c.Epochs = adapter.Head, 3e-2, 60 }}, // of an untrained encoder
		"ridge":    {0.9, func(c *train.Config) { c.Method, c.Normalize, c.Head = adapter.Head, true, train.Ridge }},
		"knn":      {0.9, func(c *train.Config) { c.Method, c.Normalize, c.Head = adapter.Head, true, train.Nearest }},
		"contrast": {0.9, func(c *train.Config) { c.Logistic, c.Normalize, c.Contrastive = 1, true, 0.1 }},
		"grid":     {0.9, func(c *train.Config) { c.Grid = []finetune.Choice{{LR: 1e-6, Epochs: 1}, {LR: 2e-3, Epochs: 12}} }},
	} {
		t.Run(name, func(t *testing.T) {
			c := pictureConfig()
			w.change(&c)
			dir := filepath.Join(t.TempDir(), "adapter")
			p := adaptPictures(t, m, path, c, finetune.Options{Out: dir})
			if got := p.Metrics.Values["accuracy"]; got < w.least {
				t.Errorf("accuracy %.3f, want at least %.2f", got, w.least)
			}
			if m.Fingerprint() != before {
				t.Error("training changed the base")
			}
			if left, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(left) != 1 {
				t.Errorf("left beside the adapter: %v, %v", left, err)
			}
			loaded, err := pictures.Load(dir, m)
			if err != nil {
				t.Fatal(err)
			}
			d, err := train.ReadPictures(path, path, c)
			if err != nil {
				t.Fatal(err)
			}
			if s, err := pictures.Evaluate(context.Background(), loaded, d.Eval); err != nil || s.Values["accuracy"] != p.Metrics.Values["accuracy"] {
				t.Errorf("after loading: %v, %v, want %v", s, err, p.Metrics)
			}
		})
	}
}

// pictureDigests are those after so many steps of the run below, on every machine, with every kind of kernels and any number of workers.
var pictureDigests = map[int]string{
	2:  "sha256:f466aec76ea01838399159d07103f05148fcc8bdf3438795afbf9ea4614397ef",
	12: "sha256:023328f48fa04e3ec8f0dbe364a052d72ee6fa56712dfd23a003c3cc46bcac8c",
}

// TestPictureDigest holds the bits of augmented training, with any number of workers.
func TestPictureDigest(t *testing.T) {
	path, m, c := striped(t, 10), visionBase(t, 3), pictureConfig()
	c.Augment = &picture.Augment{Crop: &picture.RandomCrop{Scale: [2]float64{0.5, 1}, Filter: picture.Bilinear}, FlipH: 0.5}
	defer kernels.SetWorkers(kernels.Workers())
	seen := ""
	for steps, want := range pictureDigests {
		if steps > 2 && kernels.Path() == "purego" {
			continue
		}
		for _, workers := range []int{1, 2, 5} {
			kernels.SetWorkers(workers)
			c.Steps = steps
			p := adaptPictures(t, m, path, c, finetune.Options{NoScore: true})
			if seen = p.Digest; p.Digest != want {
				t.Errorf("%d workers, %d steps: digest is %s, want %s", workers, steps, p.Digest, want)
			}
		}
	}
	c.Augment = &picture.Augment{}
	if p := adaptPictures(t, m, path, c, finetune.Options{NoScore: true}); p.Digest == seen {
		t.Error("pictures as they are train as varied ones do")
	}
}

// TestPictureVerify: a passport leads to the same weights, and to refusals where pictures have changed.
func TestPictureVerify(t *testing.T) {
	path, m, c := striped(t, 10), visionBase(t, 3), pictureConfig()
	c.Steps, c.Shots = 10, 6
	dir := filepath.Join(t.TempDir(), "adapter")
	p := adaptPictures(t, m, path, c, finetune.Options{Out: dir})
	if len(p.Data) != 2 || p.Data[0].Path != path || p.Base.Tokenizer != m.Identity().Tokenizer || p.Base.Name != "vision-base" {
		t.Errorf("passport says %+v of %+v", p.Base, p.Data)
	}
	v, err := train.Pictures().Verify(context.Background(), dir, m, finetune.Options{})
	if err != nil || !v.Match {
		t.Errorf("got %+v, %v, want a match", v, err)
	}
	if _, err := train.Pictures().Verify(context.Background(), dir, visionBase(t, 4), finetune.Options{}); !errors.Is(err, adapter.ErrBaseMismatch) {
		t.Errorf("another base: got %v", err)
	}
	from, to := filepath.Join(path, "train", "plain", "003.png"), filepath.Join(path, "train", "lying", "903.png")
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
	if _, err := train.Pictures().Verify(context.Background(), dir, m, finetune.Options{}); !errors.Is(err, adapter.ErrDataChanged) {
		t.Errorf("another label: got %v", err)
	}
}

// TestPictureStopped: a run that was stopped again and again ends with the bits of one that wasn't.
func TestPictureStopped(t *testing.T) {
	if kernels.Path() == "purego" {
		t.Skip("450 steps are too many for plain Go")
	}
	path, m, c := striped(t, 10), visionBase(t, 3), pictureConfig()
	c.Steps = 450
	want := adaptPictures(t, m, path, c, finetune.Options{Out: filepath.Join(t.TempDir(), "adapter")})
	d, err := train.ReadPictures(path, path, c)
	if err != nil {
		t.Fatal(err)
	}
	dir, stopped := filepath.Join(t.TempDir(), "adapter"), 0
	for _, at := range []int{60, 230, 410} {
		ctx, cancel := context.WithCancel(context.Background())
		stop := writer(func(string) {
			if lines(dir) >= at {
				cancel()
			}
		})
		_, err := train.Pictures().Adapt(ctx, m, d, c, finetune.Options{Out: dir, Resume: true, Log: stop})
		cancel()
		switch {
		case errors.Is(err, loop.ErrStopped):
			stopped++
		case err != nil && !errors.Is(err, context.Canceled): // before the first step
			t.Fatalf("got %v, want %v", err, loop.ErrStopped)
		}
	}
	got, err := train.Pictures().Adapt(context.Background(), m, d, c, finetune.Options{Out: dir, Resume: true})
	if err != nil || got.Digest != want.Digest {
		t.Errorf("stopped %d times: got %v, %v, want %s", stopped, got, err, want.Digest)
	}
	t.Logf("stopped %d times", stopped)
}

// TestPicturesRefused: what can't be learnt from is refused, with the place.
func TestPicturesRefused(t *testing.T) {
	path, m := striped(t, 4), visionBase(t, 3)
	for name, change := range map[string]func(c *train.Config){
		"text_column": func(c *train.Config) { c.TextColumn = "text" },
		"max_length":  func(c *train.Config) { c.MaxLength = 12 },
		"pooling":     func(c *train.Config) { c.Pooling = "max" },
		"augment":     func(c *train.Config) { c.Method, c.Augment = adapter.Head, &picture.Augment{FlipH: 0.5} },
		"flip_h":      func(c *train.Config) { c.Augment = &picture.Augment{FlipH: 2} },
		"crop":        func(c *train.Config) { c.Augment = &picture.Augment{Crop: &picture.RandomCrop{Width: 3, Height: 3}} },
	} {
		c := pictureConfig()
		change(&c)
		d, err := train.ReadPictures(path, "", c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = train.Pictures().Adapt(context.Background(), m, d, c, finetune.Options{}); !errors.Is(err, finetune.ErrConfig) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	c := config()
	c.Augment = &picture.Augment{}
	if _, err := train.Adapt(context.Background(), base(t), train.Data{Train: examples(9, 1)}, c, finetune.Options{}); !errors.Is(err, finetune.ErrConfig) {
		t.Errorf("augmented texts: got %v", err)
	}
	other := stripes(t, t.TempDir(), "test", 2, 1)
	if err := os.Rename(filepath.Join(other, "test", "plain"), filepath.Join(other, "test", "unknown")); err != nil {
		t.Fatal(err)
	}
	if _, err := train.ReadPictures(path, filepath.Join(other, "test"), c); !errors.Is(err, data.ErrUnknown) || !strings.Contains(err.Error(), "unknown/000.png") {
		t.Errorf("a class that wasn't learnt: got %v", err)
	}
	if _, err := train.ReadPictures(filepath.Join(path, "train", "plain"), "", c); !errors.Is(err, data.ErrUnknown) {
		t.Errorf("no labels: got %v", err)
	}
	d, err := train.ReadPictures(path, "", c)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, "train", "plain", "001.png"), []byte("no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "adapter")
	if _, err := train.Pictures().Adapt(context.Background(), m, d, pictureConfig(), finetune.Options{Out: out}); !errors.Is(err, picture.ErrFormat) || !strings.Contains(err.Error(), "001.png") {
		t.Errorf("a damaged picture: got %v", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a damaged picture left an adapter")
	}
	if _, err := pictures.New(m, head.Layer{Linear: head.New(32, 2).Linear}, []string{"a"}, head.Settings{Pooling: "cls"}); err == nil {
		t.Error("a head of two labels for one is accepted")
	}
}
