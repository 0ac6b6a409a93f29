package rl_test

import (
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

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

const allParts = rl.Returns | rl.Observations | rl.Actions

// smallConfig is two layers over a vector environment with discrete actions, one with action vectors and one of pictures.
func smallConfig() rl.Config {
	return rl.Config{
		Context: 4,
		Environments: []rl.Environment{
			{ID: "Cart-v1", Observation: []int{4}, Actions: 3, Start: -1, Mean: []float32{1, 0, -1, 2}, Std: []float32{1, 2, 0.5, 1}, ReturnScale: 10},
			{ID: "Arm/v0", Observation: []int{2, 3}, Low: []float32{-2, 0}, High: []float32{2, 10}},
			{ID: "Camera-v0", Observation: []int{8, 4, 3}, Patch: 4, Actions: 2},
		},
	}
}

func smallModel(t testing.TB) *rl.Model {
	t.Helper()
	c := smallConfig()
	c.Hidden, c.Layers, c.Heads, c.Intermediate = 16, 2, 2, 24
	m, err := rl.New(c, 7)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// window draws b stretches of k steps.
func window(e *rl.Environment, p rl.Parts, b, k int, seed uint64) rl.Window {
	r := random.New(seed)
	w := rl.Window{
		Parts: p, K: k, Returns: make([]float32, b*k), Observations: make([]float32, b*k*e.Size()), Actions: make([]float32, b*k*e.ActionSize()),
	}
	for i := range w.Returns {
		w.Returns[i] = float32(r.Normal() * 10)
	}
	for i := range w.Observations {
		if w.Observations[i] = float32(r.Normal()); e.Patch != 0 {
			w.Observations[i] = float32(r.IntN(256))
		}
	}
	for i := range w.Actions {
		if w.Actions[i] = float32(r.Float64()); e.Discrete() {
			w.Actions[i] = float32(e.Start + r.IntN(e.Actions))
		}
	}
	return w
}

func encode(t testing.TB, s *rl.Inference, environment int, w *rl.Window, b *nn.Batch) []float32 {
	t.Helper()
	y := make([]float32, b.B*b.T*s.Width())
	if err := s.Encode(y, environment, w, b); err != nil {
		t.Fatal(err)
	}
	return y
}

// TestTrainingForm: the sublayers that training runs give what the snapshot gives, to the bit, for every environment, with hidden tokens, short
// stretches and causal attention.
func TestTrainingForm(t *testing.T) {
	m := smallModel(t)
	s := m.Snapshot()
	for i := range m.Config.Environments {
		for _, p := range []rl.Parts{allParts, rl.Observations, rl.Observations | rl.Actions} {
			w := window(&m.Config.Environments[i], p, 3, 4, uint64(i))
			b := &nn.Batch{B: 3, T: w.Tokens(), Lengths: []int32{int32(w.Tokens()), 2, 1}, Causal: i == 1}
			w.Hidden = make([]bool, b.B*b.T)
			w.Hidden[1] = true
			e, chain, err := m.Chain(i, p)
			if err != nil {
				t.Fatal(err)
			}
			e.Window = w
			var x []float32
			for _, l := range chain {
				y := make([]float32, b.B*b.T*m.Width())
				if err := l.Forward(y, x, b); err != nil {
					t.Fatal(err)
				}
				x = y
			}
			if y := encode(t, s, i, &w, b); !slices.Equal(y, x) {
				t.Errorf("environment %d, parts %b: training form and snapshot differ", i, p)
			}
		}
	}
}

// TestAlone: a stretch alone gets the bits that it gets among others, from many goroutines at once, and the snapshot stays as it was.
func TestAlone(t *testing.T) {
	m := smallModel(t)
	s := m.Snapshot()
	e := &m.Config.Environments[2]
	w := window(e, allParts, 4, 4, 3)
	all := encode(t, s, 2, &w, &nn.Batch{B: 4, T: 12})
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			i, size := n%4, e.Size()
			one := rl.Window{Parts: allParts, K: 4, Returns: w.Returns[i*4:][:4], Observations: w.Observations[i*4*size:][:4*size], Actions: w.Actions[i*4:][:4]}
			y := make([]float32, 12*s.Width())
			for range 20 {
				if err := s.Encode(y, 2, &one, &nn.Batch{B: 1, T: 12}); err != nil || !slices.Equal(y, all[i*len(y):][:len(y)]) {
					t.Errorf("stretch %d alone: got %v, or other values", i, err)
				}
			}
		})
	}
	group.Wait()
	for _, p := range m.Params() {
		clear(p.Value)
	}
	m.Config.Environments[2].ReturnScale = 3
	if !slices.Equal(encode(t, s, 2, &w, &nn.Batch{B: 4, T: 12}), all) {
		t.Error("the snapshot changed with the model")
	}
}

// TestObserve is a window of one observation.
func TestObserve(t *testing.T) {
	m := smallModel(t)
	s := m.Snapshot()
	w := window(&m.Config.Environments[0], rl.Observations, 5, 1, 9)
	y := make([]float32, 5*s.Width())
	if err := s.Observe(y, 0, w.Observations, 5); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(y, encode(t, s, 0, &w, &nn.Batch{B: 5, T: 1})) {
		t.Error("Observe and Encode differ")
	}
	for _, bad := range []struct{ y, environment, x, n int }{{80, 0, 20, 4}, {80, 0, 19, 5}, {79, 0, 20, 5}, {80, 3, 20, 5}, {80, -1, 20, 5}, {0, 0, 0, 0}, {0, 0, 0, math.MaxInt}} {
		if err := s.Observe(make([]float32, bad.y), bad.environment, make([]float32, bad.x), bad.n); err == nil {
			t.Errorf("%+v: got no error", bad)
		}
	}
}

// TestHidden: the numbers of hidden tokens and those past the end change nothing, be they what they may; those of others do.
func TestHidden(t *testing.T) {
	m := smallModel(t)
	s := m.Snapshot()
	e := &m.Config.Environments[1]
	w := window(e, allParts, 1, 4, 5)
	b := &nn.Batch{B: 1, T: 12, Lengths: []int32{8}}
	w.Hidden = make([]bool, 12)
	for _, token := range []int{0, 1, 5} {
		w.Hidden[token] = true
	}
	want := encode(t, s, 1, &w, b)
	nan := float32(math.NaN())
	w.Returns[0], w.Observations[0], w.Actions[2], w.Returns[3] = nan, nan, nan, nan
	w.Actions[2*2], w.Observations[3*6] = nan, nan
	if got := encode(t, s, 1, &w, b); !slices.Equal(got, want) {
		t.Error("what is hidden is read")
	}
	w.Actions[0]++
	if slices.Equal(encode(t, s, 1, &w, b), want) {
		t.Error("what isn't hidden isn't read")
	}
}

func TestSaveAndLoad(t *testing.T) {
	m := smallModel(t)
	dir := t.TempDir() + "/saved"
	if err := m.Save(dir, rl.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	again, err := rl.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if again.Fingerprint() != m.Fingerprint() || again.Name != dir || !rl.IsModel(os.DirFS(dir)) || again.Identity().Tokenizer != m.Identity().Tokenizer {
		t.Errorf("%s has another fingerprint", again.Name)
	}
	clone, err := m.Clone()
	if err != nil {
		t.Fatal(err)
	}
	if clone.Fingerprint() != m.Fingerprint() {
		t.Error("a clone has another fingerprint")
	}
	clone.Params()[0].Value[0]++
	other, err := m.Fresh(8)
	if err != nil {
		t.Fatal(err)
	}
	scaled, _ := m.Clone()
	scaled.Config.Environments[0].Std[0]++
	for about, o := range map[string]*rl.Model{"a changed weight": clone, "another seed": other, "another scale": scaled} {
		if o.Fingerprint() == m.Fingerprint() {
			t.Errorf("%s keeps the fingerprint", about)
		}
	}
	if err := m.Save(dir, rl.SaveOptions{Half: true, Card: "# A card\n"}); err != nil {
		t.Fatal(err)
	}
	half, err := rl.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if half.Fingerprint() == m.Fingerprint() {
		t.Error("rounded weights keep the fingerprint")
	}
}

// TestWith: one more environment leaves the others and the encoder as they are.
func TestWith(t *testing.T) {
	m := smallModel(t)
	e := rl.Environment{ID: "New-v0", Observation: []int{3}, Actions: 2}
	n, err := m.With(e, 3)
	if err != nil {
		t.Fatal(err)
	}
	w := window(&m.Config.Environments[0], allParts, 2, 4, 1)
	b := &nn.Batch{B: 2, T: 12}
	if !slices.Equal(encode(t, n.Snapshot(), 0, &w, b), encode(t, m.Snapshot(), 0, &w, b)) {
		t.Error("the first environment reads otherwise")
	}
	if i, err := n.Environment("New-v0"); i != 3 || err != nil {
		t.Errorf("got environment %d, %v", i, err)
	}
	if _, err := m.Environment("New-v0"); !errors.Is(err, rl.ErrUnknown) {
		t.Errorf("the old model has it too: got %v", err)
	}
	if _, err := n.With(e, 3); !errors.Is(err, rl.ErrConfig) {
		t.Errorf("twice: got %v", err)
	}
}

func TestSpaces(t *testing.T) {
	box := func(low, high float32, of spaces.Type, shape ...int) spaces.Space {
		b, err := spaces.NewBoxOf(low, high, of, shape...)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	discrete, _ := spaces.NewDiscreteFrom(3, 2)
	several, _ := spaces.NewMultiDiscrete(2, 3)
	e, err := rl.NewEnvironment("Camera-v0", box(0, 255, spaces.Uint8, 64, 48, 3), discrete)
	if err != nil || e.Patch != 8 || e.Targets() != 8*6*3 || e.Actions != 3 || e.Start != 2 {
		t.Errorf("pictures: got %+v, %v", e, err)
	}
	if e, err = rl.NewEnvironment("Arm-v0", box(-9, 9, spaces.Float32, 2, 2), box(-1, 3, spaces.Float32, 2)); err != nil || e.Patch != 0 || e.Size() != 4 || e.ActionSize() != 2 {
		t.Errorf("vectors: got %+v, %v", e, err)
	}
	inf := float32(math.Inf(1))
	for about, bad := range map[string]struct {
		o, a spaces.Space
		want error
	}{
		"discrete observations":   {discrete, discrete, rl.ErrUnsupportedSpace},
		"several actions":         {box(0, 1, spaces.Float32, 2), several, rl.ErrUnsupportedSpace},
		"pictures of odd sides":   {box(0, 255, spaces.Uint8, 17, 8, 3), discrete, rl.ErrUnsupportedSpace},
		"actions without a limit": {box(0, 1, spaces.Float32, 2), box(-inf, inf, spaces.Float32, 2), rl.ErrConfig},
	} {
		if _, err := rl.NewEnvironment("X-v0", bad.o, bad.a); !errors.Is(err, bad.want) {
			t.Errorf("%s: got %v, want %v", about, err, bad.want)
		}
	}
}

// TestScales: what goes into the model comes back out of it.
func TestScales(t *testing.T) {
	m := smallModel(t)
	near := func(a, b []float32) bool {
		return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x-y)) < 1e-5 })
	}
	for i := range m.Config.Environments {
		e := &m.Config.Environments[i]
		w := window(e, allParts, 1, 1, 2)
		x, action := make([]float32, e.ActionInputs()), make([]float32, e.ActionSize())
		e.PutAction(x, w.Actions)
		if e.TakeAction(action, x); !near(action, w.Actions) {
			t.Errorf("%s: action %v becomes %v and then %v", e.ID, w.Actions, x, action)
		}
		if r := e.TakeReturn(e.PutReturn(7)); r != 7 {
			t.Errorf("%s: a return of 7 becomes %v", e.ID, r)
		}
		targets, back := make([]float32, e.Targets()), make([]float32, e.Targets())
		e.PutTargets(targets, w.Observations)
		e.TakeTargets(back, targets)
		want := w.Observations
		if e.Patch != 0 { // the mean of the first patch's red
			sum := float32(0)
			for row := range 4 {
				for col := range 4 {
					sum += want[(row*4+col)*3]
				}
			}
			back, want = back[:1], []float32{sum / 16}
		}
		if !near(back, want) {
			t.Errorf("%s: observation %v becomes %v", e.ID, want, back)
		}
	}
}

func TestConfig(t *testing.T) {
	good := smallModel(t).Config
	raw, err := good.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if c, err := rl.ParseConfig(raw); err != nil || c.Context != 4 || len(c.Environments) != 3 || c.MaxPositions != 12 {
		t.Fatalf("got %+v, %v", c, err)
	}
	for old, bad := range map[string]string{
		`"context": 4`: `"context": 0`, `"hidden_size": 16`: `"hidden_size": -1`, `"num_hidden_layers": 2`: `"num_hidden_layers": 2000`,
		`"num_attention_heads": 2`: `"num_attention_heads": 3`, `"Arm/v0"`: `"Cart-v1"`, `"Camera-v0"`: `"a b"`, `"patch": 4`: `"patch": 3`,
		`"actions": 2`: `"actions": 0`, `"return_scale": 10`: `"return_scale": -1`, `"hidden_act": "gelu"`: `"hidden_act": "tanh"`, `"start": -1`: `"strat": -1`,
		`"layer_norm_eps": 0.00001`: `"layer_norm_eps": 2`, `"model_type": "fmkit_trajectory"`: `"model_type": "bert"`,
	} {
		changed := strings.Replace(string(raw), old, bad, 1)
		if changed == string(raw) {
			t.Errorf("%s isn't in the config: %s", old, raw)
		}
		if _, err := rl.ParseConfig([]byte(changed)); !errors.Is(err, rl.ErrConfig) && !errors.Is(err, rl.ErrUnsupportedModel) {
			t.Errorf("%s: got %v", bad, err)
		}
	}
}

// FuzzParseConfig: what is read is valid and says the same again.
func FuzzParseConfig(f *testing.F) {
	c := smallConfig()
	c.Hidden, c.Layers, c.Heads = 16, 2, 2
	raw, err := c.Defaults().JSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"model_type": "fmkit_trajectory", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "context": 3}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := rl.ParseConfig(raw)
		if err != nil {
			return
		}
		again, err := c.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if d, err := rl.ParseConfig(again); err != nil || d.Config != c.Config || len(d.Environments) != len(c.Environments) {
			t.Errorf("%s: got %v", again, err)
		}
	})
}

// files is a saved model as a file system that a test may change.
func files(t testing.TB) fstest.MapFS {
	t.Helper()
	dir := t.TempDir() + "/m"
	if err := smallModel(t).Save(dir, rl.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	for _, name := range []string{"config.json", "model.safetensors"} {
		raw, err := os.ReadFile(dir + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		fsys[name] = &fstest.MapFile{Data: raw}
	}
	return fsys
}

func retensor(t testing.TB, fsys fstest.MapFS, change func(all []checkpoint.Tensor) []checkpoint.Tensor) {
	t.Helper()
	var b strings.Builder
	if err := checkpoint.Write(&b, change(smallModel(t).Tensors()), nil); err != nil {
		t.Fatal(err)
	}
	fsys["model.safetensors"] = &fstest.MapFile{Data: []byte(b.String())}
}

// TestTensors: each tensor that is missing or has another shape is an error that names it, and so is one that has no place.
func TestTensors(t *testing.T) {
	fsys := files(t)
	for _, p := range smallModel(t).Params() {
		retensor(t, fsys, func(all []checkpoint.Tensor) []checkpoint.Tensor {
			return slices.DeleteFunc(all, func(x checkpoint.Tensor) bool { return x.Name == p.Name })
		})
		if _, err := rl.LoadFS(fsys); !errors.Is(err, checkpoint.ErrMissingTensor) || !strings.Contains(err.Error(), p.Name) {
			t.Errorf("without %s: got %v", p.Name, err)
		}
		retensor(t, fsys, func(all []checkpoint.Tensor) []checkpoint.Tensor {
			for j := range all {
				if all[j].Name == p.Name {
					all[j].Shape = []int{1, 1, len(all[j].Data)}
				}
			}
			return all
		})
		if _, err := rl.LoadFS(fsys); !errors.Is(err, rl.ErrShapeMismatch) || !strings.Contains(err.Error(), p.Name) {
			t.Errorf("%s in another shape: got %v", p.Name, err)
		}
	}
	retensor(t, fsys, func(all []checkpoint.Tensor) []checkpoint.Tensor {
		return append(all, checkpoint.Tensor{Name: "mask", Shape: []int{1}, Data: []float32{1}})
	})
	if _, err := rl.LoadFS(fsys); !errors.Is(err, rl.ErrTensors) || !strings.Contains(err.Error(), "mask") {
		t.Errorf("a tensor too many: got %v", err)
	}
}

func TestFiles(t *testing.T) {
	for _, name := range []string{"config.json", "model.safetensors"} {
		fsys := files(t)
		delete(fsys, name)
		if _, err := rl.LoadFS(fsys); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("without %s: got %v", name, err)
		}
		fsys[name] = &fstest.MapFile{Mode: fs.ModeDir | 0o755}
		if _, err := rl.LoadFS(fsys); !errors.Is(err, checkpoint.ErrNotRegular) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is a folder: got %v", name, err)
		}
	}
}

// TestHugeConfig: a config that asks for gigabytes is held against the weights before anything is made for it.
func TestHugeConfig(t *testing.T) {
	fsys := files(t)
	config := string(fsys["config.json"].Data)
	for old, huge := range map[string]string{
		`"hidden_size": 16`: `"hidden_size": 8192`, `"intermediate_size": 24`: `"intermediate_size": 16384`, `"num_hidden_layers": 2`: `"num_hidden_layers": 256`,
	} {
		changed := strings.Replace(config, old, huge, 1)
		fsys["config.json"] = &fstest.MapFile{Data: []byte(changed)}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := rl.LoadFS(fsys)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, rl.ErrShapeMismatch) && !errors.Is(err, checkpoint.ErrMissingTensor) {
			t.Errorf("%s: got %v", huge, err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
			t.Errorf("%s: %d bytes were allocated", huge, n)
		}
	}
}

// TestBadWindows: sizes that don't fit are errors.
func TestBadWindows(t *testing.T) {
	m := smallModel(t)
	s := m.Snapshot()
	good := window(&m.Config.Environments[0], allParts, 2, 4, 1)
	y := make([]float32, 2*12*s.Width())
	for about, change := range map[string]func(w *rl.Window, b *nn.Batch){
		"no parts":      func(w *rl.Window, _ *nn.Batch) { w.Parts = 0 },
		"unknown parts": func(w *rl.Window, _ *nn.Batch) { w.Parts = 15 },
		"steps":         func(w *rl.Window, b *nn.Batch) { w.K, b.T = 5, 15 },
		"no steps":      func(w *rl.Window, b *nn.Batch) { w.K, b.T = 0, 0 },
		"length":        func(_ *rl.Window, b *nn.Batch) { b.T = 11 },
		"returns":       func(w *rl.Window, _ *nn.Batch) { w.Returns = w.Returns[1:] },
		"observations":  func(w *rl.Window, _ *nn.Batch) { w.Observations = nil },
		"actions":       func(w *rl.Window, _ *nn.Batch) { w.Actions = append(w.Actions, 0) },
		"hidden":        func(w *rl.Window, _ *nn.Batch) { w.Hidden = make([]bool, 5) },
		"batch":         func(_ *rl.Window, b *nn.Batch) { b.B = math.MaxInt / 4 },
	} {
		w, b := good, &nn.Batch{B: 2, T: 12}
		change(&w, b)
		if err := s.Encode(y, 0, &w, b); err == nil {
			t.Errorf("%s: got no error", about)
		}
	}
	e, _, err := m.Chain(0, rl.Observations)
	if err != nil {
		t.Fatal(err)
	}
	e.Window = good
	if err := e.Forward(y, nil, &nn.Batch{B: 2, T: 12}); !errors.Is(err, rl.ErrShapeMismatch) {
		t.Errorf("a window of other parts: got %v", err)
	}
	if _, _, err := m.Chain(3, allParts); err == nil {
		t.Error("a fourth environment: got no error")
	}
}
