package peft

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

func encoder(t testing.TB) *backbone.Encoder {
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

func TestAttach(t *testing.T) {
	e := encoder(t)
	before := answers(t, e)
	changes, err := Attach(e, Default(), 5)
	if err != nil {
		t.Fatal(err)
	}
	if len(changes) != 12 || !slices.Equal(before, answers(t, e)) {
		t.Errorf("got %d changes, want 12 that begin as none", len(changes))
	}
	for _, p := range e.Params() {
		if own := strings.Contains(p.Name, "lora_"); p.Frozen == own {
			t.Errorf("%s: frozen %v", p.Name, p.Frozen)
		}
	}
	if _, err := Attach(e, Default(), 5); err == nil {
		t.Error("a second change on the same layers: want an error")
	}
	for i, l := range changes {
		copy(l.B.Value, draw(fmt.Sprint(i), len(l.B.Value)))
	}
	with := answers(t, e)
	Merge(e)
	if !slices.Equal(with, answers(t, e)) || slices.Equal(with, before) {
		t.Error("merged weights: want the answers of the changes")
	}
	if len(e.Params()) != 32 || !nn.Trainable(e.Params()) {
		t.Error("merged: want the encoder's own parameters, thawed")
	}
}

func TestDetach(t *testing.T) {
	e := encoder(t)
	before := answers(t, e)
	changes, err := Attach(e, Config{Rank: 2, Alpha: 2, Targets: []string{"query", "output.dense"}}, 5)
	if err != nil {
		t.Fatal(err)
	}
	if len(changes) != 6 { // output.dense ends attention.output.dense too
		t.Errorf("got %d changes, want 6", len(changes))
	}
	copy(changes[0].B.Value, draw("b", 16))
	if Detach(e); !slices.Equal(before, answers(t, e)) {
		t.Error("the answers have changed")
	}
}

func TestRefused(t *testing.T) {
	good := `{"peft_type": "LORA", "r": 2, "lora_alpha": 2, "target_modules": ["query"], "bias": "none", "revision": null}`
	for _, c := range []struct{ old, new string }{
		{`"LORA"`, `"IA3"`},
		{`"r": 2`, `"r": 0`},
		{`"r": 2`, `"r": 100000`},
		{`"r": 2`, `"r": 9`}, // more than the layers are wide
		{`"lora_alpha": 2`, `"lora_alpha": -1`},
		{`["query"]`, `["query", "nobody"]`},
		{`["query"]`, `[]`},
		{`["query"]`, `".*query"`},
		{`["query"]`, `7`},
		{`"none"`, `"all"`},
		{`null`, `null, "use_dora": true`},
		{`null`, `null, "rank_pattern": {"query": 4}`},
		{`}`, ``},
	} {
		raw := strings.Replace(good, c.old, c.new, 1)
		got, err := ParseConfig([]byte(raw))
		if err == nil {
			e := encoder(t)
			_, err = Attach(e, got, 1)
			if !nn.Trainable(e.Params()) {
				t.Errorf("%s: a refused change froze the encoder", raw)
			}
		}
		if !errors.Is(err, ErrConfig) {
			t.Errorf("%s: got %v, want ErrConfig", raw, err)
		}
	}
	if _, err := ParseConfig([]byte(good)); err != nil {
		t.Error(err)
	}
}

func TestFiles(t *testing.T) {
	e, dir := encoder(t), filepath.Join(t.TempDir(), "adapter")
	c := Config{Rank: 2, Alpha: 3, RSLoRA: true, Targets: []string{AllLinear}}
	changes, err := Attach(e, c, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range changes {
		copy(l.B.Value, draw(fmt.Sprint(i), len(l.B.Value)))
	}
	want := answers(t, e)
	if err := Save(dir, e, c, changes, "some/base"); err != nil {
		t.Fatal(err)
	}
	other := encoder(t)
	if _, err := LoadFS(os.DirFS(dir), other); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(want, answers(t, other)) {
		t.Error("the answers have changed on the way")
	}
	path := filepath.Join(dir, ConfigFile)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{ConfigFile, WeightsFile} {
		broken := filepath.Join(t.TempDir(), "adapter")
		if err := os.CopyFS(broken, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Remove(filepath.Join(broken, name)), os.Mkdir(filepath.Join(broken, name), 0o755)); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadFS(os.DirFS(broken), encoder(t)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is a folder: got %v, want an error that names it", name, err)
		}
	}
	for what, change := range map[string][2]string{
		"other rank":            {`"r": 2`, `"r": 3`},
		"tensors of no target":  {`"intermediate.dense",`, ``},
		"another kind of model": {`intermediate.dense`, `fc1`},
	} {
		changed := strings.Replace(string(raw), change[0], change[1], 1)
		if changed == string(raw) {
			t.Fatalf("%s: %s has no %s", what, raw, change[0])
		}
		if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadFS(os.DirFS(dir), encoder(t)); err == nil {
			t.Errorf("%s: want an error", what)
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(`{"peft_type": "LORA", "r": 2, "lora_alpha": 2, "target_modules": ["query"]}`))
	f.Add([]byte(`{"peft_type": "LORA", "target_modules": "all-linear"}`))
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
	changes, err := Attach(e, Config{Rank: 2, Alpha: 4, Targets: []string{"query", "value"}}, 1)
	trained := 0
	for _, p := range Params(changes) {
		trained += len(p.Value)
	}
	fmt.Println(len(changes), trained, err)
	// Output: 4 128 <nil>
}
