package peft

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

func newEncoder(t testing.TB) *backbone.Encoder {
	t.Helper()
	e, err := backbone.New(backbone.Config{Hidden: 8, Layers: 2, Heads: 2, Intermediate: 12, MaxPositions: 16}, "bert.")
	if err != nil {
		t.Fatal(err)
	}
	e.Init(1)
	return e
}

func answers(t testing.TB, e *backbone.Encoder) []float32 {
	t.Helper()
	b := &nn.Batch{B: 2, T: 3}
	y := make([]float32, 2*3*8)
	if err := e.Snapshot().Forward(y, draw("x", len(y)), b); err != nil {
		t.Fatal(err)
	}
	return y
}

// layered are the answers of the encoder's own layers, changes beside the weights.
func layered(t testing.TB, e *backbone.Encoder) []float32 {
	t.Helper()
	b := &nn.Batch{B: 2, T: 3}
	x := draw("x", 2*3*8)
	for _, l := range e.Sublayers() {
		y := make([]float32, len(x))
		if err := l.Forward(y, x, b); err != nil {
			t.Fatal(err)
		}
		x = y
	}
	return x
}

// configs are small settings of every method.
func configs() map[string]Config {
	return map[string]Config{
		MethodLoRA:       {LoRA: &LoRAConfig{Rank: 2, Alpha: 3, Targets: []string{AllLinear}}},
		MethodIA3:        {IA3: &IA3Config{Targets: []string{"key", "value", "output.dense"}, FeedForward: []string{"output.dense"}}},
		MethodPrefix:     {Prefix: &PrefixConfig{Tokens: 3}},
		MethodBottleneck: {Bottleneck: &BottleneckConfig{Size: 3, Activation: "gelu", Attention: true}},
		MethodBitFit:     {BitFit: &BitFitConfig{}},
		MethodLastK:      {LastK: &LastKConfig{Layers: 1}},
	}
}

// stir gives the parameters of a change other values, near those they have.
func stir(c *Change) {
	for _, p := range c.Params() {
		for i, v := range draw(p.Name, len(p.Value)) {
			p.Value[i] += v / 4
		}
	}
}

func near(a, b []float32, tolerance float64) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x)-float64(y)) <= tolerance })
}

// TestMethods holds for every method: it begins as no change, what it trains is not frozen and the rest is, merged answers are those of the layers, and merging,
// unmerging and detaching give back the bits that were there.
func TestMethods(t *testing.T) {
	for name, c := range configs() {
		t.Run(name, func(t *testing.T) {
			e := newEncoder(t)
			before := answers(t, e)
			change, err := Attach(e, c, 5)
			if err != nil {
				t.Fatal(err)
			}
			if got := change.Config.Method(); got != name {
				t.Errorf("got the method %s", got)
			}
			if name != MethodPrefix && !slices.Equal(before, answers(t, e)) {
				t.Error("a new change changes the answers")
			}
			for _, p := range e.Params() {
				if p.Frozen == slices.Contains(change.Params(), p) {
					t.Errorf("%s: frozen %v", p.Name, p.Frozen)
				}
			}
			stir(change)
			with, want := layered(t, e), answers(t, e)
			if !near(with, want, 1e-5) || slices.Equal(want, before) {
				t.Error("a snapshot differs from the layers, or has no change")
			}
			if err := change.Attach(); err == nil {
				t.Error("attached twice: want an error")
			}
			unmerge := Merge(e)
			if !slices.Equal(want, answers(t, e)) || !nn.Trainable(e.Params()) {
				t.Error("merged: want the answers of the change, and parameters that are thawed")
			}
			unmerge()
			if !slices.Equal(with, layered(t, e)) {
				t.Error("unmerged: want the bits of the change beside the weights")
			}
			change.Detach()
			if !slices.Equal(before, layered(t, e)) || e.Unchanged() != nil || len(e.Params()) != 32 {
				t.Error("detached: want the encoder's own bits and parameters")
			}
			if err := change.Attach(); err != nil || !slices.Equal(with, layered(t, e)) {
				t.Errorf("attached again: got %v, want the bits of before", err)
			}
		})
	}
}

func TestSet(t *testing.T) {
	e := newEncoder(t)
	s, c := NewSet(e), configs()
	before := layered(t, e)
	for _, name := range []string{MethodLoRA, MethodIA3, MethodPrefix, MethodBottleneck, MethodBitFit} {
		if _, err := s.Attach("my "+name, c[name], 1); err != nil {
			t.Fatal(err)
		}
		stir(s.Change("my " + name))
	}
	if _, err := s.Attach("other", c[MethodLoRA], 9); err != nil { // above IA3's scales
		t.Fatal(err)
	}
	stir(s.Change("other"))
	for _, p := range s.Change("my lora").Params() {
		if !p.Frozen {
			t.Errorf("%s: want all but the newest change frozen", p.Name)
		}
	}
	for _, name := range []string{MethodIA3, MethodPrefix, MethodBottleneck, MethodLastK} {
		if _, err := s.Attach("again", c[name], 1); err == nil {
			t.Errorf("%s beside another: want an error", name)
		}
	}
	if _, err := s.Attach("other", c[MethodLoRA], 9); err == nil {
		t.Error("a name twice: want an error")
	}
	with := layered(t, e)
	if err := s.Merge(); err != nil || !near(with, layered(t, e), 1e-5) || slices.Equal(with, layered(t, e)) {
		t.Errorf("merged: got %v, want near the same answers", err)
	}
	if s.Merge() == nil || s.Detach("other") == nil {
		t.Error("merged twice, and detached while merged: want errors")
	}
	if err := s.Unmerge(); err != nil || !slices.Equal(with, layered(t, e)) {
		t.Errorf("unmerged: got %v, want the same bits", err)
	}
	if err := s.Detach("my lora"); err != nil || slices.Equal(with, layered(t, e)) {
		t.Errorf("detached: got %v, want other answers", err)
	}
	for _, name := range s.Names() {
		if err := s.Detach(name); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(before, layered(t, e)) || s.Detach("nobody") == nil || s.Unmerge() == nil {
		t.Error("all detached: want the encoder's own bits")
	}
}

func TestTargets(t *testing.T) {
	e := newEncoder(t)
	change, err := Attach(e, Config{LoRA: &LoRAConfig{Rank: 2, Alpha: 2, Targets: []string{"query", "output.dense"}}}, 5)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(change.Params()) / 2; n != 6 { // output.dense ends attention.output.dense too
		t.Errorf("got %d changes, want 6", n)
	}
}

func TestRefused(t *testing.T) {
	lora := `{"peft_type": "LORA", "r": 2, "lora_alpha": 2, "target_modules": ["query"], "bias": "none", "revision": null}`
	ia3 := `{"peft_type": "IA3", "target_modules": ["key", "output.dense"], "feedforward_modules": ["output.dense"], "fan_in_fan_out": false}`
	prefix := `{"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 3, "prefix_projection": false}`
	for _, c := range []struct{ good, old, new string }{
		{lora, `"LORA"`, `"LOHA"`},
		{lora, `"r": 2`, `"r": 0`},
		{lora, `"r": 2`, `"r": 100000`},
		{lora, `"r": 2`, `"r": 9`}, // more than the layers are wide
		{lora, `"lora_alpha": 2`, `"lora_alpha": -1`},
		{lora, `"lora_alpha": 2`, `"lora_alpha": 0`},
		{lora, `"lora_alpha": 2`, `"lora_alpha": 1e30`},
		{lora, `"lora_alpha": 2`, `"lora_alpha": NaN`},
		{lora, `["query"]`, `["query", "nobody"]`},
		{lora, `["query"]`, `[]`},
		{lora, `["query"]`, `".*query"`},
		{lora, `["query"]`, `7`},
		{lora, `"none"`, `"all"`},
		{lora, `null`, `null, "use_dora": true`},
		{lora, `null`, `null, "rank_pattern": {"query": 4}`},
		{lora, `}`, ``},
		{ia3, `["key", "output.dense"]`, `[]`},
		{ia3, `["key", "output.dense"]`, `["key", "nobody", "output.dense"]`},
		{ia3, `: ["output.dense"]`, `: ["value"]`}, // not among the targets
		{ia3, `: ["output.dense"]`, `: ["key"]`},   // shares its input
		{ia3, `: ["output.dense"]`, `: "output.dense"`},
		{ia3, `false`, `true`},
		{prefix, `3`, `0`},
		{prefix, `3`, `1000000`},
		{prefix, `false`, `true`},
	} {
		raw := strings.Replace(c.good, c.old, c.new, 1)
		got, err := ParseConfig([]byte(raw))
		if err == nil {
			e := newEncoder(t)
			_, err = Attach(e, got, 1)
			if !nn.Trainable(e.Params()) {
				t.Errorf("%s: a refused change froze the encoder", raw)
			}
		}
		if !errors.Is(err, ErrConfig) {
			t.Errorf("%s: got %v, want ErrConfig", raw, err)
		}
	}
	for _, good := range []string{lora, ia3, prefix} {
		if _, err := ParseConfig([]byte(good)); err != nil {
			t.Error(err)
		}
	}
	for _, c := range []Config{
		{},
		{BitFit: &BitFitConfig{}, Prefix: &PrefixConfig{Tokens: 1}},
		{Bottleneck: &BottleneckConfig{Size: 0, Activation: "relu"}},
		{Bottleneck: &BottleneckConfig{Size: 9, Activation: "relu"}},
		{Bottleneck: &BottleneckConfig{Size: 2, Activation: "sigmoid"}},
		{LastK: &LastKConfig{}},
		{LastK: &LastKConfig{Layers: 3}},
	} {
		if _, err := Attach(newEncoder(t), c, 1); !errors.Is(err, ErrConfig) {
			t.Errorf("%+v: got %v, want ErrConfig", c, err)
		}
	}
	bare, err := backbone.New(backbone.Config{
		Hidden: 8, Layers: 1, Heads: 2, Omit: backbone.Omit{AttentionBias: true, FeedForwardBias: true, NormBias: true},
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Attach(bare, configs()[MethodBitFit], 1); !errors.Is(err, ErrConfig) {
		t.Errorf("no biases: got %v, want ErrConfig", err)
	}
}

// TestFiles holds folders in PEFT's form to the answers they were written with, and that folders whose parts don't belong together are refused, with the encoder
// as it was.
func TestFiles(t *testing.T) {
	for name, c := range configs() {
		e, dir := newEncoder(t), filepath.Join(t.TempDir(), "adapter")
		change, err := Attach(e, c, 1)
		if err != nil {
			t.Fatal(err)
		}
		stir(change)
		want := answers(t, e)
		err = Save(dir, change, "some/base")
		if !slices.Contains([]string{MethodLoRA, MethodIA3, MethodPrefix}, name) {
			if err == nil {
				t.Errorf("%s: PEFT has no such method: want an error", name)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		other := newEncoder(t)
		if _, err := LoadFS(os.DirFS(dir), other); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(want, answers(t, other)) {
			t.Errorf("%s: the answers have changed on the way", name)
		}
		raw, err := os.ReadFile(filepath.Join(dir, ConfigFile))
		if err != nil {
			t.Fatal(err)
		}
		for what, change := range map[string][2]string{
			"lora: other rank":            {`"r": 2`, `"r": 3`},
			"lora: tensors of no target":  {`"intermediate.dense",`, ``},
			"lora: another kind of model": {`intermediate.dense`, `fc1`},
			"ia3: tensors of no target":   {`"key",`, ``},
			"ia3: outputs for inputs":     {"\"feedforward_modules\": [\n    \"output.dense\"\n  ]", `"feedforward_modules": []`},
			"ia3: a missing tensor":       {`"key",`, `"key", "query",`},
			"prefix: other length":        {`"num_virtual_tokens": 3`, `"num_virtual_tokens": 4`},
		} {
			if !strings.HasPrefix(what, name) {
				continue
			}
			changed := strings.Replace(string(raw), change[0], change[1], 1)
			if changed == string(raw) {
				t.Fatalf("%s: %s has no %s", what, raw, change[0])
			}
			broken := filepath.Join(t.TempDir(), "adapter")
			if err := os.CopyFS(broken, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(broken, ConfigFile), []byte(changed), 0o644); err != nil {
				t.Fatal(err)
			}
			e := newEncoder(t)
			if _, err := LoadFS(os.DirFS(broken), e); err == nil || e.Unchanged() != nil {
				t.Errorf("%s: got %v, want an error and an encoder as before", what, err)
			}
		}
		for _, file := range []string{ConfigFile, WeightsFile} {
			broken := filepath.Join(t.TempDir(), "adapter")
			if err := os.CopyFS(broken, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(os.Remove(filepath.Join(broken, file)), os.Mkdir(filepath.Join(broken, file), 0o755)); err != nil {
				t.Fatal(err)
			}
			if _, err := LoadFS(os.DirFS(broken), newEncoder(t)); err == nil || !strings.Contains(err.Error(), file) {
				t.Errorf("%s is a folder: got %v, want an error that names it", file, err)
			}
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(`{"peft_type": "LORA", "r": 2, "lora_alpha": 2, "target_modules": ["query"]}`))
	f.Add([]byte(`{"peft_type": "LORA", "target_modules": "all-linear"}`))
	f.Add([]byte(`{"peft_type": "IA3", "target_modules": ["key"], "feedforward_modules": []}`))
	f.Add([]byte(`{"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 2}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := ParseConfig(raw)
		if err == nil && c.Validate() != nil {
			t.Errorf("%s: parsed and not valid", raw)
		}
	})
}

func ExampleAttach() {
	e, _ := backbone.New(backbone.Config{Hidden: 8, Layers: 2, Heads: 2, Intermediate: 12, MaxPositions: 16}, "bert.")
	e.Init(1)
	change, err := Attach(e, Config{LoRA: &LoRAConfig{Rank: 2, Alpha: 4, Targets: []string{"query", "value"}}}, 1)
	trained := 0
	for _, p := range change.Params() {
		trained += len(p.Value)
	}
	fmt.Println(len(change.Params()), trained, err)
	// Output: 8 128 <nil>
}

func ExampleSet() {
	e, _ := backbone.New(backbone.Config{Hidden: 8, Layers: 2, Heads: 2, Intermediate: 12, MaxPositions: 16}, "bert.")
	e.Init(1)
	s := NewSet(e)
	for _, name := range []string{MethodLoRA, MethodIA3, MethodPrefix} {
		c, _ := Default(name)
		if name == MethodLoRA {
			c.LoRA.Rank = 2
		}
		if _, err := s.Attach("my "+name, c, 1); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(s.Names(), s.Detach("my ia3"), s.Merge(), s.Unmerge(), s.Names())
	// Output: [my lora my ia3 my prefix] <nil> <nil> <nil> [my lora my prefix]
}
