package text_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
	"github.com/fmkit/fmkit/text/tokenizer"
)

func model(t testing.TB, seed uint64) *text.Model {
	t.Helper()
	m, err := texttest.Model(seed, "the", "cat", "sat", "on", "mat")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSaveLoad(t *testing.T) {
	m := model(t, 1)
	dir := filepath.Join(t.TempDir(), "model")
	if err := m.Save(dir, text.SaveOptions{Card: "# A model\n"}); err != nil {
		t.Fatal(err)
	}
	got, err := text.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got.Fingerprint() != m.Fingerprint() {
		t.Error("the fingerprint has changed on the way")
	}
	for i, p := range got.Params() {
		if want := m.Params()[i]; p.Name != want.Name || !slices.Equal(p.Value, want.Value) {
			t.Errorf("%s differs", p.Name)
		}
	}
	if err := m.Save(dir, text.SaveOptions{}); err != nil {
		t.Errorf("saving over it: %v", err)
	}
}

// shard splits the weights in dir into n shards with an index, as transformers does.
func shard(t *testing.T, dir string, n int) {
	t.Helper()
	path := filepath.Join(dir, "model.safetensors")
	tensors, meta, err := checkpoint.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	shardOf := map[string]string{}
	for i := range n {
		name := fmt.Sprintf("model-%05d-of-%05d.safetensors", i+1, n)
		part := tensors[i*len(tensors)/n : (i+1)*len(tensors)/n]
		var b bytes.Buffer
		if err := checkpoint.Write(&b, part, meta); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, tensor := range part {
			shardOf[tensor.Name] = name
		}
	}
	raw, err := json.Marshal(map[string]any{"metadata": map[string]any{"total_size": 0}, "weight_map": shardOf})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".index.json", raw, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestLoadShards holds that a model in shards is the same model, and that a fault in one of them names it.
func TestLoadShards(t *testing.T) {
	m := model(t, 1)
	dir := filepath.Join(t.TempDir(), "model")
	if err := m.Save(dir, text.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	shard(t, dir, 3)
	got, err := text.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got.Fingerprint() != m.Fingerprint() {
		t.Error("the fingerprint has changed on the way")
	}
	second := "model-00002-of-00003.safetensors"
	tensors, _, err := checkpoint.ReadFile(filepath.Join(dir, second))
	if err != nil {
		t.Fatal(err)
	}
	tensors[0].Shape = append(tensors[0].Shape, 1)
	var b bytes.Buffer
	if err := checkpoint.Write(&b, tensors, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, second), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := text.Load(dir); !errors.Is(err, text.ErrShapeMismatch) || !strings.Contains(err.Error(), second) {
		t.Errorf("got %v, want %v of %s", err, text.ErrShapeMismatch, second)
	}
}

func TestHalf(t *testing.T) {
	m := model(t, 1)
	dir := filepath.Join(t.TempDir(), "model")
	if err := m.Save(dir, text.SaveOptions{Half: true}); err != nil {
		t.Fatal(err)
	}
	got, err := text.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range got.Params() {
		for j, v := range p.Value {
			want := m.Params()[i].Value[j]
			if d := v - want; max(d, -d) > 0x1p-11*max(want, -want)+0x1p-24 { // half a unit of float16's last place
				t.Fatalf("%s[%d]: got %g, want %g", p.Name, j, v, want)
			}
		}
	}
}

func TestFingerprint(t *testing.T) {
	a := model(t, 1).Fingerprint()
	if a != model(t, 1).Fingerprint() {
		t.Error("one model has two fingerprints")
	}
	m := model(t, 1)
	m.Params()[3].Value[0]++
	other, err := texttest.Model(1, "the", "cat", "sat", "on", "rug")
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]string{"seed": model(t, 2).Fingerprint(), "weight": m.Fingerprint(), "word of the vocabulary": other.Fingerprint()} {
		if a == b {
			t.Errorf("another %s doesn't change the fingerprint", name)
		}
	}
}

// TestBadFolders holds that a folder that doesn't fit is refused for the right reason.
func TestBadFolders(t *testing.T) {
	swap := func(file, old, new string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, file)
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(raw), old) {
				t.Fatalf("%s has no %s", file, old)
			}
			if err := os.WriteFile(path, []byte(strings.Replace(string(raw), old, new, 1)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(file string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, file)) }
	}
	tests := []struct {
		name   string
		change func(t *testing.T, dir string)
		want   error
	}{
		{"width over the limit", swap("config.json", `"hidden_size": 32`, `"hidden_size": 1000000000`), text.ErrConfigLimit},
		{"width as a float", swap("config.json", `"hidden_size": 32`, `"hidden_size": 1e9`), text.ErrConfig},
		{"heads don't divide", swap("config.json", `"num_attention_heads": 2`, `"num_attention_heads": 7`), text.ErrConfig},
		{"negative layers", swap("config.json", `"num_hidden_layers": 2`, `"num_hidden_layers": -2`), text.ErrConfig},
		{"no layers", swap("config.json", `"num_hidden_layers": 2`, `"num_hidden_layers": 0`), text.ErrConfig},
		{"zero hidden", swap("config.json", `"intermediate_size": 64`, `"intermediate_size": 0`), text.ErrConfig},
		{"string", swap("config.json", `"num_hidden_layers": 2`, `"num_hidden_layers": "2"`), text.ErrConfig},
		{"missing width", swap("config.json", `"hidden_size": 32,`, ``), text.ErrConfig},
		{"NaN dropout", swap("config.json", `"hidden_dropout_prob": 0.1`, `"hidden_dropout_prob": NaN`), text.ErrConfig},
		{"duplicate key", swap("config.json", `"hidden_size": 32`, `"hidden_size": 32, "hidden_size": 64`), text.ErrConfig},
		{"key in another case", swap("config.json", `"hidden_size": 32`, `"hidden_size": 32, "Hidden_Size": 64`), text.ErrConfig},
		{"unknown model", swap("config.json", `"model_type": "bert"`, `"model_type": "llama"`), text.ErrUnsupportedModel},
		{"own code", swap("config.json", `"model_type": "bert"`, `"model_type": "bert", "auto_map": {"AutoModel": "x.y"}`), text.ErrUnsupportedModel},
		{"relative positions", swap("config.json", `"absolute"`, `"relative_key"`), text.ErrUnsupportedModel},
		{"very deep", func(t *testing.T, dir string) {
			os.WriteFile(filepath.Join(dir, "config.json"), []byte(strings.Repeat("[", 9999)), 0o644)
		}, text.ErrConfig},
		{"very large", func(t *testing.T, dir string) {
			os.WriteFile(filepath.Join(dir, "config.json"), make([]byte, 100<<20), 0o644)
		}, text.ErrConfig},
		{"very large tokenizer", func(t *testing.T, dir string) {
			os.WriteFile(filepath.Join(dir, "tokenizer.json"), make([]byte, 100<<20), 0o644)
		}, tokenizer.ErrLimit},
		{"very deep tokenizer", swap("tokenizer.json", `"normalizer":`, `"x":`+strings.Repeat("[", 9999)+`,"normalizer":`), tokenizer.ErrDepth},
		{"weights of PyTorch alone", func(t *testing.T, dir string) {
			if err := os.Rename(filepath.Join(dir, "model.safetensors"), filepath.Join(dir, "pytorch_model.bin")); err != nil {
				t.Fatal(err)
			}
		}, checkpoint.ErrFormat},
		{"weights are a pickle", func(t *testing.T, dir string) {
			os.WriteFile(filepath.Join(dir, "model.safetensors"), []byte("\x80\x04\x95\x9c\x00\x00\x00\x00\x00\x00\x00}\x94"), 0o644)
		}, checkpoint.ErrFormat},
		{"index of a shard that is missing", func(t *testing.T, dir string) {
			shard(t, dir, 2)
			os.Remove(filepath.Join(dir, "model-00001-of-00002.safetensors"))
		}, checkpoint.ErrIndex},
		{"one parameter under two names", func(t *testing.T, dir string) {
			path := filepath.Join(dir, "model.safetensors")
			tensors, _, err := checkpoint.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			twice := tensors[slices.IndexFunc(tensors, func(x checkpoint.Tensor) bool { return x.Name == "bert.embeddings.LayerNorm.weight" })]
			twice.Name = "embeddings.LayerNorm.gamma"
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if err := checkpoint.Write(f, append(tensors, twice), nil); err != nil {
				t.Fatal(err)
			}
		}, text.ErrTensors},
		{"more rows than weights", swap("config.json", `"vocab_size": `, `"vocab_size": 1`), text.ErrShapeMismatch},
		{"more layers than weights", swap("config.json", `"num_hidden_layers": 2`, `"num_hidden_layers": 3`), text.ErrShapeMismatch},
		{"fewer layers than weights", swap("config.json", `"num_hidden_layers": 2`, `"num_hidden_layers": 1`), text.ErrTensors},
		{"more layers than memory", swap("config.json", `"num_hidden_layers": 2`, `"num_hidden_layers": 1024`), text.ErrShapeMismatch},
		{"positions over the file", swap("config.json", `"max_position_embeddings": 64`, `"max_position_embeddings": 1000000`), text.ErrShapeMismatch},
		{"no weights", remove("model.safetensors"), os.ErrNotExist},
		{"no tokenizer", remove("tokenizer.json"), os.ErrNotExist},
		{"no config", remove("config.json"), os.ErrNotExist},
		{"no [CLS]", swap("tokenizer.json", `[CLS]`, `[NONE]`), nil},
		{"cut weights", func(t *testing.T, dir string) {
			if err := os.Truncate(filepath.Join(dir, "model.safetensors"), 5000); err != nil {
				t.Fatal(err)
			}
		}, checkpoint.ErrTruncated},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "model")
			if err := model(t, 1).Save(dir, text.SaveOptions{}); err != nil {
				t.Fatal(err)
			}
			tt.change(t, dir)
			_, err := text.Load(dir)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// TestNamesOfTransformers loads weights under the names of an older transformers and of a model without a head.
func TestNamesOfTransformers(t *testing.T) {
	m := model(t, 1)
	dir := filepath.Join(t.TempDir(), "model")
	if err := m.Save(dir, text.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "model.safetensors")
	tensors, _, err := checkpoint.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range tensors {
		n := strings.TrimPrefix(tensors[i].Name, "bert.")
		n = strings.Replace(n, "LayerNorm.weight", "LayerNorm.gamma", 1)
		tensors[i].Name = strings.Replace(n, "LayerNorm.bias", "LayerNorm.beta", 1)
	}
	tensors = append(tensors, checkpoint.Tensor{Name: "pooler.dense.bias", Shape: []int{32}, Data: make([]float32, 32)})
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkpoint.Write(f, tensors, nil); err != nil {
		t.Fatal(err)
	}
	f.Close()
	got, err := text.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got.Fingerprint() != m.Fingerprint() {
		t.Error("the weights differ")
	}
}

// TestEmbedAloneAndTogether holds that an answer doesn't depend on the batch around it, nor on who else asks.
func TestEmbedAloneAndTogether(t *testing.T) {
	m := model(t, 1)
	for _, pooling := range []string{"mean", "cls", "max"} {
		e, err := text.NewEmbedder(m, text.EmbedConfig{Pooling: pooling, Batch: 7, Normalize: true})
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for i := range 40 {
			texts = append(texts, strings.Repeat("the cat sat on a rug ", i%9)+"x")
		}
		texts = append(texts, "", strings.Repeat("long ", 1000))
		together, err := e.Embed(context.Background(), texts)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range texts {
			wg.Go(func() {
				alone, err := e.Embed(context.Background(), texts[i:i+1])
				if err != nil || !slices.Equal(alone[0], together[i]) {
					t.Errorf("%s: text %d alone differs: %v", pooling, i, err)
				}
			})
		}
		wg.Wait()
	}
}

func TestEmbedStops(t *testing.T) {
	e, err := text.NewEmbedder(model(t, 1), text.EmbedConfig{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Embed(ctx, []string{"a"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
