package train_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/pictures"
	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
)

// few are the methods that tune few parameters, with settings for small encoders and a rate for each; "layers" is full tuning at a rate for each layer,
// "muon" full tuning by that optimizer.
var few = map[string]struct {
	lr     float64
	change func(c *train.Config)
}{
	adapter.LoRA: {1e-2, func(c *train.Config) {
		c.LoRA = &peft.LoRAConfig{Rank: 4, Alpha: 8, Dropout: 0.1, Targets: []string{"query", "value"}}
	}},
	adapter.IA3:    {3e-2, func(*train.Config) {}},
	adapter.Prefix: {3e-2, func(c *train.Config) { c.Prefix = &peft.PrefixConfig{Tokens: 4} }},
	adapter.Bottleneck: {1e-2, func(c *train.Config) {
		c.Bottleneck = &peft.BottleneckConfig{Size: 8, Activation: "gelu", Attention: true}
	}},
	adapter.BitFit: {3e-2, func(*train.Config) {}},
	adapter.LastK:  {3e-3, func(c *train.Config) { c.LastK = &peft.LastKConfig{Layers: 1} }},
	"muon":         {3e-3, func(c *train.Config) { c.Method, c.Optimizer = adapter.Full, "muon" }},
	"layers":       {3e-3, func(c *train.Config) { c.Method, c.LayerDecay = adapter.Full, 0.8 }},
}

// TestFew holds for every method: it learns; the folder holds what was trained and answers to the bit as the predictor that was trained did; the weights are made again with
// any number of workers, and by a run that was stopped; the base stays as it is.
func TestFew(t *testing.T) {
	d := train.Data{Train: examples(120, 1), Eval: examples(60, 2)}
	was := kernels.Workers()
	defer kernels.SetWorkers(was)
	for name, w := range few {
		t.Run(name, func(t *testing.T) {
			m, c := base(t), config()
			before := m.Fingerprint()
			c.Method, c.Steps, c.LR = name, 60, w.lr
			w.change(&c)
			want, trained, err := train.Train(context.Background(), m, d, c, finetune.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := want.Metrics.Values["accuracy"]; got < 0.5 { // chance is a third
				t.Errorf("accuracy %.3f, want at least 0.5", got)
			}
			dir := filepath.Join(t.TempDir(), "adapter")
			stopped, stop := context.WithCancel(context.Background())
			defer stop()
			log := writer(func(line string) {
				if strings.Contains(line, "/60") {
					stop()
				}
			})
			if _, err := train.Adapt(stopped, m, d, c, finetune.Options{Out: dir, Log: log, NoScore: true}); err == nil {
				t.Error("want a run that is stopped")
			}
			for _, workers := range []int{1, 2, 5} {
				kernels.SetWorkers(workers)
				got, err := train.Adapt(context.Background(), m, d, c, finetune.Options{Out: dir, NoScore: true, Resume: true})
				if err != nil {
					t.Fatal(err)
				}
				if got.Digest != want.Digest {
					t.Errorf("%d workers: got %s, want %s", workers, got.Digest, want.Digest)
				}
			}
			loaded, err := classifier.Load(dir, m)
			if err != nil {
				t.Fatal(err)
			}
			a, b := predict(t, trained, d.Eval), predict(t, loaded, d.Eval)
			for i := range a {
				if !slices.Equal(a[i], b[i]) {
					t.Fatalf("text %d: trained %v, loaded %v", i, a[i], b[i])
				}
			}
			if m.Fingerprint() != before {
				t.Error("training changed the base")
			}
			err = loaded.Export(filepath.Join(t.TempDir(), "model"), false)
			if beside := name == adapter.Prefix || name == adapter.Bottleneck; (err != nil) != beside {
				t.Errorf("export: got %v, want an error only where something lies beside the weights", err)
			}
		})
	}
}

// TestFewVerified trains again from the files.
func TestFewVerified(t *testing.T) {
	if testing.Short() {
		t.Skip("many small trainings")
	}
	for name, w := range few {
		m, c := base(t), config()
		c.Method, c.Steps, c.Half = name, 5, name != adapter.LoRA
		w.change(&c)
		dir, p := adapt(t, m, c)
		if v, err := train.Verify(context.Background(), dir, m, finetune.Options{}); err != nil || !v.Match {
			t.Errorf("%s: got %+v, %v, want a match with %s", name, v, err, p.Digest)
		}
	}
}

// TestFewPictures: the same methods on a base that reads pictures.
func TestFewPictures(t *testing.T) {
	if testing.Short() {
		t.Skip("many small trainings")
	}
	path, m := striped(t, 12), visionBase(t, 3)
	for name, w := range few {
		c := pictureConfig()
		c.Method, c.Steps, c.LR = name, 10, w.lr
		w.change(&c)
		dir := filepath.Join(t.TempDir(), "adapter")
		p := adaptPictures(t, m, path, c, finetune.Options{Out: dir})
		loaded, err := pictures.Load(dir, m)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if loaded.Passport().Digest != p.Digest {
			t.Errorf("%s: another digest", name)
		}
	}
}

// TestFewRefused: no adapter with a part that doesn't belong is attached, whatever its method.
func TestFewRefused(t *testing.T) {
	for name, w := range few {
		m, c := base(t), config()
		c.Method, c.Steps = name, 1
		w.change(&c)
		dir, p := adapt(t, m, c)
		before := m.Fingerprint()
		f, err := checkpoint.Open(filepath.Join(dir, peft.WeightsFile))
		if err != nil {
			t.Fatal(err)
		}
		tensors, err := f.ReadAll()
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		damage := map[string]func(ts []checkpoint.Tensor) []checkpoint.Tensor{
			"missing": func(ts []checkpoint.Tensor) []checkpoint.Tensor { return ts[1:] },
			"extra": func(ts []checkpoint.Tensor) []checkpoint.Tensor {
				return append(ts, checkpoint.Tensor{Name: "base_model.model.layer.0.lora_A.weight", Shape: []int{1}, Data: []float32{1}})
			},
			"shape": func(ts []checkpoint.Tensor) []checkpoint.Tensor {
				ts[0].Shape = append([]int{1}, ts[0].Shape...)
				return ts
			},
			"value": func(ts []checkpoint.Tensor) []checkpoint.Tensor {
				ts[0].Data[0]++
				return ts
			},
			"name": func(ts []checkpoint.Tensor) []checkpoint.Tensor {
				ts[0].Name += "x"
				return ts
			},
		}
		for what, change := range damage {
			broken := copied(t, dir)
			var all []checkpoint.Tensor
			for _, x := range tensors {
				x.Data = slices.Clone(x.Data)
				all = append(all, x)
			}
			file, err := os.Create(filepath.Join(broken, peft.WeightsFile))
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(checkpoint.Write(file, change(all), nil), file.Close()); err != nil {
				t.Fatal(err)
			}
			if _, err := classifier.Load(broken, m); !errors.Is(err, adapter.ErrTensors) && !errors.Is(err, adapter.ErrDigest) {
				t.Errorf("%s, %s: got %v", name, what, err)
			}
		}
		broken := copied(t, dir)
		raw, err := os.ReadFile(filepath.Join(broken, peft.WeightsFile))
		if err != nil {
			t.Fatal(err)
		}
		copy(raw[len(raw)-4:], "\x00\x00\xc0\x7f") // NaN
		if err := os.WriteFile(filepath.Join(broken, peft.WeightsFile), raw, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := classifier.Load(broken, m); !errors.Is(err, checkpoint.ErrNonFinite) {
			t.Errorf("%s, NaN: got %v", name, err)
		}
		for what, change := range map[string][2]string{
			"another method":   {`"method": "` + p.Method + `"`, `"method": "head"`},
			"labels too few":   {`"weather"` + "\n  ]", `"weather",` + "\n    \"more\"\n  ]"},
			"another rank":     {`"r": 4`, `"r": 3`},
			"another alpha":    {`"lora_alpha": 8`, `"lora_alpha": 4`},
			"other targets":    {"\"feedforward_modules\": [\n      \"output.dense\"\n    ]", `"feedforward_modules": []`},
			"another length":   {`"num_virtual_tokens": 4`, `"num_virtual_tokens": 5`},
			"a huge length":    {`"num_virtual_tokens": 4`, `"num_virtual_tokens": 400000000`},
			"another size":     {`"size": 8`, `"size": 7`},
			"other activation": {`"hidden_act": "gelu"`, `"hidden_act": "relu"`},
			"other layers":     {`"layers": 1`, `"layers": 2`},
			"too many layers":  {`"layers": 1`, `"layers": 99`},
			"a method more":    {`"task": `, `"bitfit": {}, "last_k": {"layers": 1}, "task": `},
		} {
			broken := copied(t, dir)
			path := filepath.Join(broken, "fmkit.json")
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			changed := strings.Replace(string(raw), change[0], change[1], 1)
			if changed == string(raw) {
				continue // of another method
			}
			if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := classifier.Load(broken, m); !errors.Is(err, adapter.ErrPassport) && !errors.Is(err, adapter.ErrTensors) {
				t.Errorf("%s, %s: got %v", name, what, err)
			}
		}
		other := base(t)
		nn.InitNormal(other.Params()[0], 99)
		if _, err := classifier.Load(dir, other); !errors.Is(err, adapter.ErrBaseMismatch) {
			t.Errorf("%s, another base: got %v", name, err)
		}
		if _, err := classifier.Load(dir, m); err != nil || m.Fingerprint() != before {
			t.Errorf("%s: the adapter itself: got %v, want the base as it was", name, err)
		}
	}
}

// copied is a copy of a folder.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "adapter")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}
