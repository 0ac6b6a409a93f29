package vision_test

import (
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/vision"
)

// TestHeadGolden: the logits of the folder's own head are those of transformers' ViTForImageClassification; logits.py made them.
func TestHeadGolden(t *testing.T) {
	m, g := load(t)
	raw, err := os.ReadFile("testdata/logits.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Logits []float64 `json:"logits"` // [2, 3]
		Labels []string  `json:"labels"`
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	h, err := vision.LoadHead(folder, m)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(h.Labels, want.Labels) {
		t.Errorf("got the labels %q, want %q", h.Labels, want.Labels)
	}
	s := m.Snapshot()
	d := s.Width()
	pooled, logits := make([]float32, 2*d), make([]float32, 2*3)
	nn.PoolCLS.Forward(pooled, encode(t, s, g.Pixels, 2), &nn.Batch{B: 2, T: s.Tokens()}, d)
	if err := h.Linear.Forward(logits, pooled, 2, nil); err != nil {
		t.Fatal(err)
	}
	compare(t, "logits", logits, want.Logits, 1e-5)
}

// TestHeadRefused: heads that would give other answers than transformers are refused, and labels are those of id2label.
func TestHeadRefused(t *testing.T) {
	m, _ := load(t)
	read := func(name string) []byte {
		raw, err := os.ReadFile(folder + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	config, weights := string(read("config.json")), read("model.safetensors")
	change := func(old, new string) string {
		if !strings.Contains(config, old) {
			t.Fatalf("config.json has no %q", old)
		}
		return strings.Replace(config, old, new, 1)
	}
	files := func(config string, weights []byte) fstest.MapFS {
		return fstest.MapFS{"config.json": {Data: []byte(config)}, "model.safetensors": {Data: weights}}
	}
	named := files(change(`"model_type"`, `"id2label": {"0": "cat", "2": "dog"}, "model_type"`), weights)
	if h, err := vision.LoadHeadFS(named, m); err != nil || !slices.Equal(h.Labels, []string{"cat", "LABEL_1", "dog"}) {
		t.Errorf("id2label: got %+v, %v", h, err)
	}
	wide, err := checkpoint.ModelWeights([]checkpoint.Tensor{
		{Name: "classifier.weight", Shape: []int{2, 3}, Data: make([]float32, 6)}, {Name: "classifier.bias", Shape: []int{2}, Data: make([]float32, 2)},
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  error
	}{
		"architecture": {files(change("ViTForImageClassification", "ViTModel"), weights), vision.ErrNoHead},
		"labels":       {files(change(`"model_type"`, `"id2label": {"3": "cat"}, "model_type"`), weights), vision.ErrConfig},
		"problem":      {files(change(`"model_type"`, `"problem_type": "regression", "model_type"`), weights), vision.ErrUnsupportedModel},
		"shape":        {files(config, wide), vision.ErrShapeMismatch},
	} {
		if _, err := vision.LoadHeadFS(c.files, m); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if !vision.IsModel(named) || vision.IsModel(fstest.MapFS{}) || vision.IsModel(files(change(`"vit"`, `"bert"`), nil)) {
		t.Error("a vision model isn't told from others")
	}
}

// TestEmbedder: cls and mean are what they are called, of a picture as the processor makes it.
func TestEmbedder(t *testing.T) {
	m, _ := load(t)
	p := image.NewNRGBA(image.Rect(0, 0, 17, 9))
	for i := range p.Pix {
		p.Pix[i] = uint8(37 * i)
	}
	p.SetNRGBA(3, 3, color.NRGBA{255, 0, 0, 255})
	pixels := make([]float32, 3*12*12)
	if err := m.Processor.Process(pixels, p); err != nil {
		t.Fatal(err)
	}
	y := encode(t, m.Snapshot(), pixels, 1)
	mean := make([]float64, 16)
	for i, v := range y[16:] {
		mean[i%16] += float64(v) / 9
	}
	got := make([]float32, 16)
	for _, c := range []vision.EmbedConfig{{}, {Pooling: "cls"}, {Pooling: "cls", Normalize: true}} {
		e, err := vision.NewEmbedder(m, c)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Embed(got, p); err != nil {
			t.Fatal(err)
		}
		switch {
		case c.Normalize:
			nn.UnitRows(y[:16], 1, 16)
			fallthrough
		case c.Pooling == "cls":
			if !slices.Equal(got, y[:16]) {
				t.Errorf("%+v: got other values than the class token's", c)
			}
		default:
			compare(t, "mean", got, mean, 1e-5)
		}
		if err := e.Embed(got[:3], p); err == nil {
			t.Error("room for 3 values is accepted")
		}
	}
	if _, err := vision.NewEmbedder(m, vision.EmbedConfig{Pooling: "max"}); err == nil {
		t.Error("pooling max is accepted")
	}
}
