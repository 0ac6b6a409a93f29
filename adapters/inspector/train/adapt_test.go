package train_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/adapters/inspector/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
	loop "github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

const side = 80 // of the pictures below

// parts are pictures of plates with bright bars, and what is wrong with them: bright blobs beside the bars, dark holes in them. Every picture has a
// stain too, which differs from the template as much as they do in size but not in shade, and is nothing wrong.
func parts(t testing.TB, n int, seed uint64) (items []dataset.Item) {
	t.Helper()
	dir := t.TempDir()
	paint := func(m *image.Gray, x, y, w, h int, v uint8) {
		for i := y; i < y+h; i++ {
			for j := x; j < x+w; j++ {
				m.Pix[i*m.Stride+j] = v
			}
		}
	}
	write := func(name string, m image.Image) string {
		path := filepath.Join(dir, name)
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for i := range n {
		s := random.New(random.Mix(seed, uint64(i)))
		m := image.NewGray(image.Rect(0, 0, side, side))
		paint(m, 0, 0, side, side, 30)
		for x := 4; x+14 < side; x += 24 {
			paint(m, x, 0, 14, side, 220)
		}
		it := dataset.Item{ID: fmt.Sprint(i), Label: "defect", Group: fmt.Sprint(i % 4), Template: write(fmt.Sprintf("%d_temp.png", i), m)}
		bar := func() int { return 4 + 24*s.IntN(3) }
		paint(m, bar()+15, 4+s.IntN(8), 8, 8, 110) // the stain
		x, y := bar()+3, 22+s.IntN(12)
		paint(m, x, y, 8, 8, 30)
		it.Boxes = append(it.Boxes, dataset.Box{X: x - 2, Y: y - 2, Width: 12, Height: 12, Label: "hole"})
		x, y = bar()+15, 50+s.IntN(12)
		paint(m, x, y, 8, 8, 220)
		it.Boxes = append(it.Boxes, dataset.Box{X: x - 2, Y: y - 2, Width: 12, Height: 12, Label: "blob"})
		it.Path = write(fmt.Sprintf("%d_test.png", i), m)
		items = append(items, it)
	}
	return items
}

func base(t testing.TB, channels int, seed uint64) *vision.Model {
	t.Helper()
	c, err := vision.Preset("tiny", 32, 8)
	if err != nil {
		t.Fatal(err)
	}
	c.Hidden, c.Heads, c.Layers, c.Intermediate, c.Channels = 32, 2, 1, 64, channels
	m, err := vision.New(c, picture.NewProcessor(32, 32, channels), seed)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func config(template bool, steps int) train.Config {
	c := train.Default(template)
	c.Batch, c.Train.LR, c.Train = 8, 5e-3, c.Train.WithSteps(steps)
	c.Train.LR = 5e-3
	c.FalseBoxes, c.Folds = 0, 0
	if template {
		c.Detector.Template.Pad = 4
	} else {
		c.Detector.Step, c.Detector.Level = 2, 0.4
	}
	return c
}

// count gives shares of the true boxes found and named, and false boxes a picture.
func count(t testing.TB, d *inspector.Detector, items []dataset.Item, score float64) (recall, named, wrong float64) {
	t.Helper()
	b, err := train.Inspect(context.Background(), d, items, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := b.Match(score, 0.33)
	share := func(all []bool, n int) float64 {
		k := 0.0
		for _, v := range all {
			if v {
				k++
			}
		}
		return k / float64(n)
	}
	t.Logf("at %.3f: %d of %d boxes found", score, len(b.Found), len(b.Truth))
	return share(m.Hit, len(b.Truth)), share(m.Named, len(b.Truth)), share(m.False, b.Images)
}

// TestLearns: with a template, everything that is wrong is found and named, and stains, which the template's difference takes for defects, are not.
func TestLearns(t *testing.T) {
	items, held := parts(t, 24, 1), parts(t, 12, 2)
	m, c := base(t, 3, 1), config(true, 200)
	before := m.Fingerprint()
	dir := filepath.Join(t.TempDir(), "adapter")
	d, p, err := train.Adapt(context.Background(), m, train.Data{Train: items}, c, train.Options{Out: dir})
	if err != nil {
		t.Fatal(err)
	}
	if m.Fingerprint() != before {
		t.Error("training changed the base")
	}
	if _, _, wrong := count(t, d, held, 0); wrong < 0.9 {
		t.Fatalf("without a threshold: %.2f false boxes a picture, want the stains", wrong)
	}
	if recall, named, wrong := count(t, d, held, d.Settings().Score); recall < 0.95 || named < 0.9 || wrong > 0.2 {
		t.Errorf("recall %.3f, named %.3f, %.3f false boxes a picture", recall, named, wrong)
	}
	loaded, err := inspector.LoadDetector(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Passport().Digest != p.Digest || !reflect.DeepEqual(loaded.Settings(), d.Settings()) || !reflect.DeepEqual(loaded.Labels(), []string{"blob", "hole"}) {
		t.Errorf("loaded: got %+v, %q, want %+v", loaded.Settings(), loaded.Labels(), d.Settings())
	}
	test, template := picture8(t, held[0].Path), picture8(t, held[0].Template)
	want, err := d.Inspect(test, template)
	if err != nil {
		t.Fatal(err)
	}
	got, err := loaded.Inspect(test, template)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("loaded: got %+v, %v, want %+v", got, err, want)
	}
	if want.Label != inspector.Defect || len(want.Boxes) != 2 || want.Class != want.Boxes[0].Label {
		t.Errorf("got %s, %q, %+v, want two boxes", want.Label, want.Class, want.Boxes)
	}
	if clean, err := d.Inspect(template, template); err != nil || clean.Label != inspector.OK || len(clean.Boxes) != 0 {
		t.Errorf("the template itself: got %+v, %v, want nothing", clean, err)
	}
	if _, err := inspector.LoadDetector(dir, base(t, 3, 2)); !errors.Is(err, adapter.ErrBaseMismatch) {
		t.Errorf("another base: got %v", err)
	}
	weights := filepath.Join(dir, "adapter_model.safetensors")
	raw, err := os.ReadFile(weights)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-3] ^= 1
	if err := os.WriteFile(weights, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := inspector.LoadDetector(dir, m); !errors.Is(err, adapter.ErrDigest) {
		t.Errorf("a flipped bit: got %v", err)
	}
}

// TestLearnsNegatives: negatives of pictures that it has learnt from are judged as well as these, and called by the opposite kind, where it was taught so.
func TestLearnsNegatives(t *testing.T) {
	if testing.Short() {
		t.Skip("learns for seconds")
	}
	items, held := parts(t, 24, 1), parts(t, 12, 2)
	for i := range held { // their negatives
		m := picture8(t, held[i].Path)
		for j := range m.Pix {
			if j%4 < 3 {
				m.Pix[j] = 255 - m.Pix[j]
			}
		}
		held[i].Path = filepath.Join(t.TempDir(), "negative.png")
		f, err := os.Create(held[i].Path)
		if err == nil {
			err = errors.Join(png.Encode(f, m), f.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		boxes := held[i].Boxes
		boxes[0].Label, boxes[1].Label = boxes[1].Label, boxes[0].Label
	}
	for _, negative := range []bool{false, true} {
		c := config(false, 800)
		if c.Negative = negative; negative {
			c.Opposite = map[string]string{"hole": "blob"}
		}
		d, _, err := train.Adapt(context.Background(), base(t, 1, 1), train.Data{Train: items}, c, train.Options{Out: filepath.Join(t.TempDir(), "adapter")})
		if err != nil {
			t.Fatal(err)
		}
		recall, named, wrong := count(t, d, held, 0.5)
		t.Logf("negatives learnt from: %v: recall %.3f, named %.3f, %.3f false boxes a picture", negative, recall, named, wrong)
		if good := recall > 0.9 && named > 0.8 && wrong < 0.5; good != negative {
			t.Errorf("negatives learnt from: %v: recall %.3f, named %.3f, %.3f false boxes a picture", negative, recall, named, wrong)
		}
	}
}

func picture8(t testing.TB, path string) *image.NRGBA {
	t.Helper()
	m, err := picture.DecodeFile(path, picture.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestLearnsAlone: without a template, holes in bars and blobs beside them are found by what they look like.
func TestLearnsAlone(t *testing.T) {
	d, _, err := train.Adapt(context.Background(), base(t, 1, 1), train.Data{Train: parts(t, 24, 1), Held: parts(t, 8, 3)}, config(false, 800), train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if recall, named, wrong := count(t, d, parts(t, 8, 2), d.Settings().Score); recall < 0.7 || wrong > 0.5 {
		t.Errorf("recall %.3f, named %.3f, %.3f false boxes a picture", recall, named, wrong)
	}
}

func digest(t testing.TB, m *vision.Model, items []dataset.Item, c train.Config) string {
	t.Helper()
	_, p, err := train.Adapt(context.Background(), m, train.Data{Train: items}, c, train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Digest
}

func TestSameForAnyWorkers(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	items, m := parts(t, 6, 1), base(t, 3, 1)
	for _, method := range []string{adapter.Full, adapter.Head, adapter.LoRA} {
		c := config(true, 6)
		c.Method, c.Folds = method, 2
		var want string
		for _, workers := range []int{1, 2, 5} {
			kernels.SetWorkers(workers)
			if got := digest(t, m, items, c); want == "" {
				want = got
			} else if got != want {
				t.Errorf("%s: %d workers: another digest", method, workers)
			}
		}
		c.Train.Seed++
		if digest(t, m, items, c) == want {
			t.Errorf("%s: another seed gives the same digest", method)
		}
	}
}

// TestDigest pins the weights after six steps, as they are on every machine, with every kind of kernels and any number of workers. A change here is a change of the
// canonical arithmetic, or of what windows are drawn.
func TestDigest(t *testing.T) {
	const want = "sha256:d254b7822df3f74f66c82bce3d2c0ccf3caa58ad17c74cad355af463040e8767"
	if got := digest(t, base(t, 3, 1), parts(t, 6, 1), config(true, 6)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestStopAndResume(t *testing.T) {
	items, m, c := parts(t, 6, 1), base(t, 3, 1), config(true, 20)
	c.Folds = 2
	want := digest(t, m, items, c)
	dir := filepath.Join(t.TempDir(), "adapter")
	ctx, cancel := context.WithCancel(context.Background())
	folds := 0
	log := writer(func(line string) { // stopped in the second fold
		if strings.Contains(line, "20/20") {
			folds++
		} else if folds == 1 && strings.Contains(line, "/20") {
			cancel()
		}
	})
	if _, _, err := train.Adapt(ctx, m, train.Data{Train: items}, c, train.Options{Out: dir, Log: log}); !errors.Is(err, loop.ErrStopped) {
		t.Fatalf("got %v, want %v", err, loop.ErrStopped)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Error("a stopped training left an adapter")
	}
	if _, _, err := train.Adapt(context.Background(), m, train.Data{Train: items[:5]}, c, train.Options{Out: dir, Resume: true}); !errors.Is(err, loop.ErrRecipe) {
		t.Errorf("other data: got %v, want %v", err, loop.ErrRecipe)
	}
	_, p, err := train.Adapt(context.Background(), m, train.Data{Train: items}, c, train.Options{Out: dir, Resume: true})
	if err != nil {
		t.Fatal(err)
	}
	if p.Digest != want {
		t.Errorf("resumed: got %s, want %s", p.Digest, want)
	}
	if _, err := os.Stat(dir + ".run"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the run folder is left: %v", err)
	}
}

type writer func(string)

func (w writer) Write(p []byte) (int, error) { w(string(p)); return len(p), nil }

func TestRefused(t *testing.T) {
	items := parts(t, 4, 1)
	bare := append([]dataset.Item(nil), items...)
	for i := range bare {
		bare[i].Template = ""
	}
	unmarked := append([]dataset.Item(nil), items...)
	for i := range unmarked {
		unmarked[i].Boxes, unmarked[i].Label = nil, dataset.Good
	}
	for name, c := range map[string]struct {
		channels int
		items    []dataset.Item
		change   func(c *train.Config)
		want     string
	}{
		"no pictures":    {3, nil, nil, "kinds of defects"},
		"no marks":       {3, unmarked, nil, "kinds of defects"},
		"no templates":   {3, bare, nil, "no template"},
		"gray model":     {1, items, nil, "channels"},
		"method":         {3, items, func(c *train.Config) { c.Method = "memory" }, "method"},
		"batch":          {3, items, func(c *train.Config) { c.Batch = 0 }, "batch"},
		"no step":        {3, items, func(c *train.Config) { c.Train.Steps = 0 }, "steps"},
		"detector":       {3, items, func(c *train.Config) { c.Detector.Level = 2 }, "level"},
		"template shift": {3, items, func(c *train.Config) { c.Detector.Template.Shift = -1 }, "shift"},
	} {
		config := config(true, 1)
		if c.change != nil {
			c.change(&config)
		}
		if _, _, err := train.Adapt(context.Background(), base(t, c.channels, 1), train.Data{Train: c.items}, config, train.Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error about %q", name, err, c.want)
		}
	}
}
