package serve_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/adapter/adaptertest"
	"github.com/fmkit/fmkit/shared/checkpoint"
)

// A forged folder is that of an adapter while it is changed.
type forged struct {
	p       adapter.Passport
	config  string // adapter_config.json
	tensors []checkpoint.Tensor
	odd     uint32 // bits of the value that is written where a tensor has oddValue
}

// oddValue stands for one that no writer would write.
const oddValue = 1234.5625

func readForged(t testing.TB, dir string) (f forged) {
	t.Helper()
	passport, err := os.ReadFile(filepath.Join(dir, "fmkit.json"))
	if err == nil {
		err = json.Unmarshal(passport, &f.p)
	}
	var config []byte
	if err == nil {
		config, err = os.ReadFile(filepath.Join(dir, "adapter_config.json"))
		f.config = string(config)
	}
	if err == nil {
		f.tensors, _, err = checkpoint.ReadFile(filepath.Join(dir, "adapter_model.safetensors"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// write writes the folder dir. Where seal is set its digest and sums are made to fit, so that nothing but the change itself can be found.
func (f *forged) write(t testing.TB, dir string, seal bool) {
	t.Helper()
	var weights bytes.Buffer
	if err := checkpoint.Write(&weights, f.tensors, nil); err != nil {
		t.Fatal(err)
	}
	raw := weights.Bytes()
	if f.odd != 0 {
		put := func(bits uint32) []byte { return binary.LittleEndian.AppendUint32(nil, bits) }
		raw = bytes.Replace(raw, put(math.Float32bits(oddValue)), put(f.odd), 1)
	}
	if seal {
		f.p.Digest = checkpoint.Digest(f.tensors)
	}
	passport, err := json.Marshal(&f.p)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{"fmkit.json": passport, "adapter_config.json": []byte(f.config), "adapter_model.safetensors": raw} {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if seal {
		if err := adaptertest.Reseal(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// low gives the first tensor of the low-rank change whose name has part.
func (f *forged) low(part string) *checkpoint.Tensor {
	for i := range f.tensors {
		if strings.Contains(f.tensors[i].Name, part) {
			return &f.tensors[i]
		}
	}
	panic("no tensor " + part)
}

func (f *forged) edit(old, new string) { f.config = strings.Replace(f.config, old, new, 1) }

// TestWrongAdapters loads adapters that are wrong in one way each and otherwise consistent, over HTTP: each is refused with its status before anybody sees it, and what was
// loaded under its name keeps answering.
func TestWrongAdapters(t *testing.T) {
	const key = "0123456789abcdef"
	base, root := toyText(t), t.TempDir()
	saveClassifier(t, filepath.Join(root, "good"), base, adapter.LoRA, "a", 1)
	s := newServer(t, serve.Config{Key: key, Root: root}, base)
	put := func(name, dir string) (int, string) {
		w := do(s, "PUT", "/api/v1/adapters/"+name, jsonOf(t, map[string]string{"dir": dir}), "Authorization", "Bearer "+key)
		return w.Code, w.Body.String()
	}
	if code, body := put("a", "good"); code != http.StatusCreated {
		t.Fatalf("the good one: got %d %s", code, body)
	}
	ask := func() string {
		w := do(s, "POST", "/api/v1/classify", jsonOf(t, map[string]string{"adapter": "a", "text": sentence(1)}), "Authorization", "Bearer "+key)
		return w.Body.String()
	}
	want := ask()
	for _, c := range []struct {
		name   string
		status int
		says   string
		seal   bool
		change func(f *forged)
	}{
		{"another rank", 422, "lora", true, func(f *forged) { f.p.LoRA.Rank = 5; f.edit(`"r": 4`, `"r": 5`) }},
		{"rank 0", 422, "r: got 0", true, func(f *forged) { f.p.LoRA.Rank = 0; f.edit(`"r": 4`, `"r": 0`) }},
		{"rank 100,000", 422, "r: got 100000", true, func(f *forged) { f.p.LoRA.Rank = 100000; f.edit(`"r": 4`, `"r": 100000`) }},
		{"A of another rank than B", 422, "lora_A", true, func(f *forged) {
			a := f.low("lora_A")
			a.Shape = []int{a.Shape[0] + 1, a.Shape[1]}
			a.Data = append(a.Data, make([]float32, a.Shape[1])...)
		}},
		{"B transposed", 422, "lora_B", true, func(f *forged) {
			b := f.low("lora_B")
			b.Shape = []int{b.Shape[1], b.Shape[0]}
		}},
		{"another type", 422, "F16", true, func(f *forged) {
			for i := range f.tensors {
				f.tensors[i].DType = checkpoint.F16
				if err := checkpoint.RoundF16(f.tensors[i].Data); err != nil {
					t.Fatal(err)
				}
			}
		}},
		{"type I64 in the passport", 422, "dtype", true, func(f *forged) { f.p.DType = "I64" }},
		{"no module matches", 422, "target_modules", true, func(f *forged) {
			f.config = regexp.MustCompile(`"target_modules": \[[^]]*\]`).ReplaceAllString(f.config, `"target_modules": ["nobody"]`)
			f.p.LoRA.Targets = []string{"nobody"}
		}},
		{"a tensor more", 422, "belongs to no parameter", true, func(f *forged) {
			f.tensors = append(f.tensors, checkpoint.Tensor{Name: "base_model.model.extra", Shape: []int{1}, Data: []float32{1}})
		}},
		{"a tensor less", 422, "tensors do not match", true, func(f *forged) { f.tensors = f.tensors[1:] }},
		{"a tensor of another name", 422, "tensors do not match", true, func(f *forged) { f.tensors[0].Name += ".x" }},
		{"NaN", 422, "non-finite", true, func(f *forged) { f.low("lora_B").Data[1], f.odd = oddValue, 0x7fc00000 }},
		{"infinite", 422, "non-finite", true, func(f *forged) { f.low("classifier").Data[1], f.odd = oddValue, 0x7f800000 }},
		{"another base", 409, "not loaded", true, func(f *forged) { f.p.Base.Fingerprint = "sha256:" + strings.Repeat("1", 64) }},
		{"alpha 0", 422, "lora_alpha", true, func(f *forged) { f.p.LoRA.Alpha = 0; f.edit(`"lora_alpha": 8`, `"lora_alpha": 0`) }},
		{"alpha 1e30", 422, "lora_alpha", true, func(f *forged) { f.p.LoRA.Alpha = 1e30; f.edit(`"lora_alpha": 8`, `"lora_alpha": 1e30`) }},
		{"alpha in one file", 422, "other settings", true, func(f *forged) { f.edit(`"lora_alpha": 8`, `"lora_alpha": 9`) }},
		{"fewer labels than rows", 422, "classifier", true, func(f *forged) { f.p.Labels = f.p.Labels[:2] }},
		{"no labels", 422, "label", true, func(f *forged) { f.p.Labels = nil }},
		{"a label twice", 422, "twice", true, func(f *forged) { f.p.Labels[1] = f.p.Labels[0] }},
		{"an empty label", 422, "empty", true, func(f *forged) { f.p.Labels[1] = "" }},
		{"for another task", 422, "settings", true, func(f *forged) { f.p.Task = "qa" }},
		{"for no task", 422, "divine", true, func(f *forged) { f.p.Task = "divine" }},
		{"by no method", 422, "method", true, func(f *forged) { f.p.Method = "magic" }},
		{"by another method", 422, "method", true, func(f *forged) { f.p.Method = "ia3" }},
		{"a pooling that isn't", 422, "pooling", true, func(f *forged) { f.p.Settings = []byte(`{"max_length":64,"pooling":"sum"}`) }},
		{"longer than the base reads", 422, "max_length", true, func(f *forged) { f.p.Settings = []byte(`{"max_length":1000000,"pooling":"mean"}`) }},
		{"an unknown setting", 422, "settings", true, func(f *forged) { f.p.Settings = []byte(`{"max_length":64,"pooling":"mean","x":1}`) }},
		{"peft_type of another", 422, "peft_type", true, func(f *forged) { f.edit(`"peft_type": "LORA"`, `"peft_type": "IA3"`) }},
		{"other weights", 422, "do not match the passport", false, func(f *forged) { f.low("lora_A").Data[0]++ }},
		{"another score", 422, "not what was written", false, func(f *forged) { f.p.Metrics.N++ }},
		{"a newer format", 422, "format", true, func(f *forged) { f.p.Format = 9 }},
	} {
		f := readForged(t, filepath.Join(root, "good"))
		c.change(&f)
		f.write(t, filepath.Join(root, "bad"), c.seal)
		for _, name := range []string{"a", "b"} {
			code, body := put(name, "bad")
			if code != c.status || !strings.Contains(body, c.says) {
				t.Errorf("%s: got %d %s, want %d and %q", c.name, code, body, c.status, c.says)
			}
		}
		if got := ask(); got != want {
			t.Errorf("%s: what was loaded answers %s, want %s", c.name, got, want)
		}
	}
	if all := s.Models(); len(all) != 2 {
		t.Errorf("loaded are %v, want the base and the good one", all)
	}
	f := readForged(t, filepath.Join(root, "good"))
	f.write(t, filepath.Join(root, "bad"), true)
	if code, body := put("b", "bad"); code != http.StatusCreated {
		t.Errorf("without a change: got %d %s: the test proves nothing", code, body)
	}
}
