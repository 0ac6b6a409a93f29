package vision_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// folder is testdata/vit: a ViT of two layers, 16 wide, with 3 x 3 patches, which golden.py made.
const folder = "testdata/vit"

// golden is what plain torch makes of two pictures with it, in float64.
type golden struct {
	Pixels    []float32   `json:"pixels"`        // [2, 3, 12, 12]
	States    [][]float64 `json:"states"`        // [2, 10, 16] of the embeddings, after each block, after the final norm
	Positions []float64   `json:"positions_5x2"` // [5, 2, 16]
}

func load(t testing.TB) (*vision.Model, *golden) {
	t.Helper()
	return loadGolden(t, folder, "testdata/golden.json")
}

func loadGolden(t testing.TB, folder, states string) (*vision.Model, *golden) {
	t.Helper()
	m, err := vision.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(states)
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	return m, &g
}

func encode(t testing.TB, s *vision.Inference, pixels []float32, n int) []float32 {
	t.Helper()
	y := make([]float32, n*s.Tokens()*s.Width())
	if err := s.Encode(y, pixels, n); err != nil {
		t.Fatal(err)
	}
	return y
}

func compare(t *testing.T, about string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d values, want %d", about, len(got), len(want))
	}
	for i, w := range want {
		if !(math.Abs(float64(got[i])-w) <= tolerance) {
			t.Fatalf("%s: value %d: got %.8g, want %.8g", about, i, got[i], w)
		}
	}
}

// TestGolden: every hidden state is torch's.
func TestGolden(t *testing.T) {
	const tolerance = 1e-5
	m, g := load(t)
	s := m.Snapshot()
	if rows, cols := s.Grid(); rows != 3 || cols != 3 || s.Tokens() != 10 || s.Width() != 16 || s.Layers() != 2 || m.Width() != 16 {
		t.Fatalf("got a grid of %d x %d, %d tokens of %d", rows, cols, s.Tokens(), s.Width())
	}
	compare(t, "output", encode(t, s, g.Pixels, 2), g.States[3], tolerance)
	for k := range 3 {
		part, err := s.Layer(k)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "hidden state", encode(t, part, g.Pixels, 2), g.States[k], tolerance)
	}
	for _, k := range []int{-1, 3} {
		if _, err := s.Layer(k); err == nil {
			t.Errorf("layer %d: got no error", k)
		}
	}
	positions, err := m.Embedding.Interpolate(5, 2)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "positions", positions[16:], g.Positions, 1e-6)
}

// TestStem: so are those of a model with a stem, in every form.
func TestStem(t *testing.T) {
	m, g := loadGolden(t, "testdata/stem", "testdata/stem.json")
	s := m.Snapshot()
	got := encode(t, s, g.Pixels, 2)
	compare(t, "output", got, g.States[3], 1e-5)
	part, err := s.Layer(0)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "embeddings", encode(t, part, g.Pixels, 2), g.States[0], 1e-5)
	if !slices.Equal(forward(t, m, g.Pixels, 2), got) {
		t.Error("training form and snapshot differ")
	}
	size := len(got) / 2
	if !slices.Equal(encode(t, s, g.Pixels[:len(g.Pixels)/2], 1), got[:size]) {
		t.Error("a picture alone has other values")
	}
	for _, other := range []func() (*vision.Model, error){
		m.Clone,
		func() (*vision.Model, error) { m.Freeze(); return m.Share(), nil },
		func() (*vision.Model, error) {
			dir := t.TempDir() + "/m"
			if err := m.Save(dir, vision.SaveOptions{}); err != nil {
				return nil, err
			}
			return vision.Load(dir)
		},
	} {
		o, err := other()
		if err != nil {
			t.Fatal(err)
		}
		if o.Fingerprint() != m.Fingerprint() || !slices.Equal(encode(t, o.Snapshot(), g.Pixels, 2), got) {
			t.Error("a clone, a sharing or a loaded model encodes otherwise")
		}
	}
}

// TestStates: states of one pass have the bits of models that end there.
func TestStates(t *testing.T) {
	m, g := load(t)
	s := m.Snapshot()
	n := 2 * s.Tokens() * s.Width()
	for _, layers := range [][]int{{0}, {2}, {1, 2}, {0, 1, 2}} {
		y := make([][]float32, len(layers))
		for i := range y {
			y[i] = make([]float32, n)
		}
		if err := s.States(y, layers, g.Pixels, 2); err != nil {
			t.Fatal(err)
		}
		for i, k := range layers {
			part, err := s.Layer(k)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(y[i], encode(t, part, g.Pixels, 2)) {
				t.Errorf("states %d: state %d differs from a model of as many blocks", layers, k)
			}
		}
	}
	y := [][]float32{make([]float32, n), make([]float32, n)}
	for name, err := range map[string]error{
		"none":     s.States(nil, nil, g.Pixels, 2),
		"falling":  s.States(y, []int{2, 1}, g.Pixels, 2),
		"too many": s.States(y, []int{2, 3}, g.Pixels, 2),
		"one more": s.States(y, []int{0, 1, 2}, g.Pixels, 2),
		"output":   s.States([][]float32{y[0], y[1][1:]}, []int{1, 2}, g.Pixels, 2),
		"pixels":   s.States(y, []int{1, 2}, g.Pixels, 1),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), "vision: ") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestTrainingForm: the sublayers that training runs give what the snapshot gives, to the bit.
func TestTrainingForm(t *testing.T) {
	m, g := load(t)
	s := m.Snapshot()
	want := encode(t, s, g.Pixels, 2)
	got := forward(t, m, g.Pixels, 2)
	if !slices.Equal(got, want) {
		t.Error("training form and snapshot differ")
	}
}

// TestBatches: a picture alone gets the bits that it gets among others, from many goroutines at once.
func TestBatches(t *testing.T) {
	m, g := load(t)
	s := m.Snapshot()
	both := encode(t, s, g.Pixels, 2)
	size, out := len(g.Pixels)/2, len(both)/2
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for range 20 {
				i := n % 2
				y := make([]float32, out)
				if err := s.Encode(y, g.Pixels[i*size:(i+1)*size], 1); err != nil || !slices.Equal(y, both[i*out:(i+1)*out]) {
					t.Errorf("picture %d alone: got %v, or other values", i, err)
				}
			}
		})
	}
	all.Wait()
	for _, p := range m.Params() {
		clear(p.Value)
	}
	if !slices.Equal(encode(t, s, g.Pixels, 2), both) {
		t.Error("the snapshot changed with the model")
	}
	for _, bad := range []struct {
		y, x, n int
	}{{out, size, 2}, {out, size - 1, 1}, {out - 1, size, 1}, {0, 0, 0}, {0, 0, -1}, {out, size, math.MaxInt}, {out, size, math.MaxInt>>3 + 2}} {
		if err := s.Encode(make([]float32, bad.y), make([]float32, bad.x), bad.n); err == nil {
			t.Errorf("%+v: got no error", bad)
		}
	}
}

func TestSaveAndLoad(t *testing.T) {
	m, g := load(t)
	dir := t.TempDir() + "/saved"
	extra := checkpoint.Tensor{Name: "decoder.decoder_embed.weight", Shape: []int{2, 2}, Data: []float32{1, 2, 3, 4}}
	if err := m.Save(dir, vision.SaveOptions{Extra: []checkpoint.Tensor{extra}}); err != nil {
		t.Fatal(err)
	}
	again, err := vision.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if again.Fingerprint() != m.Fingerprint() || again.Name != dir {
		t.Errorf("%s has another fingerprint", again.Name)
	}
	if !slices.Equal(encode(t, again.Snapshot(), g.Pixels, 2), encode(t, m.Snapshot(), g.Pixels, 2)) {
		t.Error("a saved model encodes otherwise")
	}
	clone, err := m.Clone()
	if err != nil {
		t.Fatal(err)
	}
	if clone.Fingerprint() != m.Fingerprint() {
		t.Error("a clone has another fingerprint")
	}
	clone.Embedding.CLS.Value[0]++
	changed := *m
	changed.Processor.Filter = picture.Bicubic
	if clone.Fingerprint() == m.Fingerprint() || changed.Fingerprint() == m.Fingerprint() {
		t.Error("a changed weight or processor keeps the fingerprint")
	}
	if err := m.Save(dir, vision.SaveOptions{Half: true, Card: "# A card\n"}); err != nil {
		t.Fatal(err)
	}
	half, err := vision.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if half.Fingerprint() == m.Fingerprint() {
		t.Error("rounded weights keep the fingerprint")
	}
	if card, err := os.ReadFile(dir + "/README.md"); err != nil || string(card) != "# A card\n" {
		t.Errorf("card: got %q, %v", card, err)
	}
}

// TestNew: a new model of every preset and kind encodes, saves and loads; seeds matter; fixed positions stay fixed.
func TestNew(t *testing.T) {
	for about, change := range map[string]func(c *vision.Config){
		"plain":       func(*vision.Config) {},
		"no bias":     func(c *vision.Config) { c.QKVBias = false },
		"fixed":       func(c *vision.Config) { c.PositionKind = "sinusoidal" },
		"autoencoder": func(c *vision.Config) { c.ModelType, c.PositionKind = "vit_mae", "sinusoidal" },
		"gray":        func(c *vision.Config) { c.Channels = 1 },
		"stem":        func(c *vision.Config) { c.Stem = []int{4, 6, 8} },
	} {
		c, err := vision.Preset("tiny", 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		change(&c)
		m, err := vision.New(c, picture.NewProcessor(16, 16, c.Channels), 1)
		if err != nil {
			t.Fatal(err)
		}
		other, err := vision.New(c, picture.NewProcessor(16, 16, c.Channels), 2)
		if err != nil {
			t.Fatal(err)
		}
		if m.Fingerprint() == other.Fingerprint() {
			t.Errorf("%s: two seeds give one model", about)
		}
		if fixed := c.PositionKind == "sinusoidal"; m.Embedding.Position.Frozen != fixed ||
			slices.Equal(m.Embedding.Position.Value, other.Embedding.Position.Value) != fixed {
			t.Errorf("%s: positions are fixed or learnt against the config", about)
		}
		dir := t.TempDir() + "/m"
		if err := m.Save(dir, vision.SaveOptions{}); err != nil {
			t.Fatal(err)
		}
		again, err := vision.Load(dir)
		if err != nil {
			t.Fatalf("%s: %v", about, err)
		}
		if again.Fingerprint() != m.Fingerprint() || len(again.Params()) != len(m.Params()) {
			t.Errorf("%s: loaded otherwise than saved", about)
		}
		pixels := make([]float32, c.Channels*16*16)
		if y := encode(t, again.Snapshot(), pixels, 1); !slices.Equal(y, forward(t, m, pixels, 1)) {
			t.Errorf("%s: encodes otherwise", about)
		}
	}
	for _, name := range []string{"mini", "small"} {
		if c, err := vision.Preset(name, 224, 16); err != nil || c.Grid() != 14 || c.MaxPositions != 197 || c.Norm != "pre" {
			t.Errorf("%s: got %+v, %v", name, c, err)
		}
	}
	c, _ := vision.Preset("tiny", 16, 8)
	for about, p := range map[string]picture.Processor{"none": {}, "size": picture.NewProcessor(16, 8, 3), "channels": picture.NewProcessor(16, 16, 1)} {
		if _, err := vision.New(c, p, 1); err == nil {
			t.Errorf("processor, %s: got no error", about)
		}
	}
	for _, bad := range []func() (vision.Config, error){
		func() (vision.Config, error) { return vision.Preset("huge", 16, 8) },
		func() (vision.Config, error) { return vision.Preset("tiny", 16, 7) },
		func() (vision.Config, error) { return vision.Preset("tiny", 16, 0) },
		func() (vision.Config, error) { return vision.Preset("tiny", -16, 8) },
	} {
		if _, err := bad(); err == nil {
			t.Error("a bad preset gives no error")
		}
	}
}

// files returns the folder as a file system that a test may change.
func files(t testing.TB) fstest.MapFS {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, name := range []string{"config.json", "preprocessor_config.json", "model.safetensors"} {
		raw, err := os.ReadFile(folder + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		fsys[name] = &fstest.MapFile{Data: raw}
	}
	return fsys
}

// retensor changes the tensors of the folder's weights.
func retensor(t testing.TB, fsys fstest.MapFS, change func(all []checkpoint.Tensor) []checkpoint.Tensor) {
	t.Helper()
	all, _, err := checkpoint.ReadFile(folder + "/model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := checkpoint.Write(&b, change(all), nil); err != nil {
		t.Fatal(err)
	}
	fsys["model.safetensors"] = &fstest.MapFile{Data: []byte(b.String())}
}

func TestWithoutPrefix(t *testing.T) {
	m, _ := load(t)
	fsys := files(t)
	retensor(t, fsys, func(all []checkpoint.Tensor) []checkpoint.Tensor {
		for i := range all {
			all[i].Name = strings.TrimPrefix(all[i].Name, "vit.")
		}
		for _, name := range []string{"pooler.dense.weight", "decoder.mask_token", "embeddings.mask_token"} {
			all = append(all, checkpoint.Tensor{Name: name, Shape: []int{1}, Data: []float32{1}})
		}
		return all
	})
	bare, err := vision.LoadFS(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if bare.Fingerprint() != m.Fingerprint() {
		t.Error("without the prefix the fingerprint is another")
	}
}

// TestTensors: each tensor that is missing or has another shape is an error that names it, and so is one that has no place or comes twice.
func TestTensors(t *testing.T) {
	m, _ := load(t)
	for i, p := range m.Params() {
		missing, shape := files(t), files(t)
		retensor(t, missing, func(all []checkpoint.Tensor) []checkpoint.Tensor {
			return slices.DeleteFunc(all, func(x checkpoint.Tensor) bool { return x.Name == p.Name })
		})
		if _, err := vision.LoadFS(missing); !errors.Is(err, checkpoint.ErrMissingTensor) || !strings.Contains(err.Error(), p.Name) {
			t.Errorf("without %s: got %v", p.Name, err)
		}
		retensor(t, shape, func(all []checkpoint.Tensor) []checkpoint.Tensor {
			for j := range all {
				if all[j].Name == p.Name {
					all[j].Shape = append([]int{len(all[j].Data) / 2, 2}, slices.Repeat([]int{1}, 1+i%2)...)
				}
			}
			return all
		})
		if _, err := vision.LoadFS(shape); !errors.Is(err, vision.ErrShapeMismatch) || !strings.Contains(err.Error(), p.Name) {
			t.Errorf("%s in another shape: got %v", p.Name, err)
		}
	}
	for _, name := range []string{"vit.encoder.layer.2.output.dense.bias", "mask", "layernorm.weight"} {
		fsys := files(t)
		retensor(t, fsys, func(all []checkpoint.Tensor) []checkpoint.Tensor {
			return append(all, checkpoint.Tensor{Name: name, Shape: []int{16}, Data: make([]float32, 16)})
		})
		if _, err := vision.LoadFS(fsys); !errors.Is(err, vision.ErrTensors) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s beside the model's: got %v", name, err)
		}
	}
}

func TestFiles(t *testing.T) {
	for _, name := range []string{"config.json", "preprocessor_config.json", "model.safetensors"} {
		fsys := files(t)
		delete(fsys, name)
		if _, err := vision.LoadFS(fsys); !errors.Is(err, fs.ErrNotExist) || name != "model.safetensors" && !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: got %v", name, err)
		}
		fsys[name] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
		if _, err := vision.LoadFS(fsys); !errors.Is(err, checkpoint.ErrNotRegular) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is a folder: got %v", name, err)
		}
		fsys[name] = &fstest.MapFile{Data: []byte(strings.Repeat(" ", 5<<20))}
		if _, err := vision.LoadFS(fsys); err == nil {
			t.Errorf("%s is 5 MiB of blanks: got no error", name)
		}
	}
	fsys := files(t)
	p, err := picture.NewProcessor(16, 16, 3).JSON()
	if err != nil {
		t.Fatal(err)
	}
	fsys["preprocessor_config.json"] = &fstest.MapFile{Data: p}
	if _, err := vision.LoadFS(fsys); !errors.Is(err, vision.ErrProcessor) {
		t.Errorf("a processor of another size: got %v", err)
	}
}

// TestHugeConfig: a config that asks for gigabytes is held against the weights before anything is made for it.
func TestHugeConfig(t *testing.T) {
	fsys := files(t)
	config := string(fsys["config.json"].Data)
	for old, huge := range map[string]string{
		`"hidden_size": 16`: `"hidden_size": 65536`, `"intermediate_size": 24`: `"intermediate_size": 65536`, `"num_hidden_layers": 2`: `"num_hidden_layers": 1024`,
	} {
		fsys["config.json"] = &fstest.MapFile{Data: []byte(strings.Replace(config, old, huge, 1))}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := vision.LoadFS(fsys)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, vision.ErrShapeMismatch) && !errors.Is(err, checkpoint.ErrMissingTensor) {
			t.Errorf("%s: got %v", huge, err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
			t.Errorf("%s: %d bytes were allocated", huge, n)
		}
	}
}
