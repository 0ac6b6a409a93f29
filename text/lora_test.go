package text

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
)

// TestLoRA holds adapters of PEFT to what it makes of them, merged and beside the weights.
func TestLoRA(t *testing.T) {
	dirs, err := filepath.Glob("testdata/peft/*")
	if err != nil || len(dirs) < 3 {
		t.Fatalf("got the cases %v, %v", dirs, err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			m, _ := loadCase(t, "testdata/families/bert-base")
			o := readOutputs(t, "testdata/families/bert-base")
			want := readOutputs(t, dir).hidden
			if _, err := peft.LoadFS(os.DirFS(dir), m.Encoder); err != nil {
				t.Fatal(err)
			}
			got := make([]float32, len(want))
			if err := m.Snapshot().Encode(got, o.ids, o.types, &o.batch); err != nil {
				t.Fatal(err)
			}
			near(t, "merged", got, want, &o.batch, true)
			m.Embedding.IDs, m.Embedding.TypeIDs = o.ids, o.types
			x := make([]float32, len(want))
			for _, l := range append([]nn.Sublayer{m.Embedding}, m.Encoder.Sublayers()...) {
				if err := l.Forward(got, x, &o.batch); err != nil {
					t.Fatal(err)
				}
				x, got = got, x
			}
			near(t, "beside the weights", x, want, &o.batch, true)
		})
	}
}

// TestLoRAInPEFT has PEFT load a folder that was written here, where FMKIT_PYTHON names a Python with it.
func TestLoRAInPEFT(t *testing.T) {
	python := os.Getenv("FMKIT_PYTHON")
	if python == "" {
		t.Skip("FMKIT_PYTHON names no Python with torch, transformers and peft")
	}
	m, _ := loadCase(t, "testdata/families/bert-base")
	o := readOutputs(t, "testdata/families/bert-base")
	change, err := peft.Attach(m.Encoder, peft.Config{LoRA: &peft.LoRAConfig{Rank: 3, Alpha: 5, Targets: []string{peft.AllLinear}}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range change.Params() {
		nn.InitNormal(p, uint64(i))
		for j := range p.Value {
			p.Value[j] *= 20
		}
	}
	dir := filepath.Join(t.TempDir(), "adapter")
	if err := peft.Save(dir, change, "bert-base"); err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	cmd := exec.Command(python, "../cmd/bench/golden/lora.py", "--check", "testdata/families/bert-base", dir, filepath.Join(out, "golden.safetensors"))
	if log, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, log)
	}
	got := make([]float32, len(o.hidden))
	if err := m.Snapshot().Encode(got, o.ids, o.types, &o.batch); err != nil {
		t.Fatal(err)
	}
	near(t, "in PEFT", got, readOutputs(t, out).hidden, &o.batch, true)
}
