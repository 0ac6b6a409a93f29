package text

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
)

// TestPEFT holds adapters of PEFT to what it makes of them, merged where they can be and beside the weights.
func TestPEFT(t *testing.T) {
	dirs, err := filepath.Glob("testdata/peft/*")
	if err != nil || len(dirs) < 6 {
		t.Fatalf("got the cases %v, %v", dirs, err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			m, _ := loadCase(t, "testdata/families/bert-base")
			o := readOutputs(t, "testdata/families/bert-base")
			want := readOutputs(t, dir).hidden
			change, err := peft.LoadFS(os.DirFS(dir), m.Encoder)
			if err != nil {
				t.Fatal(err)
			}
			placeBehind(&o, change.Config.Prefix)
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

// placeBehind gives a batch the positions that transformers gives it behind a prefix, and no types: PEFT drops them there.
func placeBehind(o *outputs, prefix *peft.PrefixConfig) {
	if prefix == nil {
		return
	}
	clear(o.types)
	b := &o.batch
	for range b.B {
		for t := range b.T {
			b.Positions = append(b.Positions, int32(prefix.Tokens+t))
		}
	}
}

// TestInPEFT has PEFT load folders that were written here, where FMKIT_PYTHON names a Python with it.
func TestInPEFT(t *testing.T) {
	python := os.Getenv("FMKIT_PYTHON")
	if python == "" {
		t.Skip("FMKIT_PYTHON names no Python with torch, transformers and peft")
	}
	const base = "testdata/families/bert-base"
	configs := []peft.Config{
		{LoRA: &peft.LoRAConfig{Rank: 3, Alpha: 5, Targets: []string{peft.AllLinear}}},
		{IA3: &peft.IA3Config{Targets: []string{"query", "value", "output.dense"}, FeedForward: []string{"output.dense"}}},
		{Prefix: &peft.PrefixConfig{Tokens: 5}},
	}
	args := []string{"../cmd/bench/golden/adapters.py", "--check", base}
	var answers [][]float32
	for _, c := range configs {
		m, _ := loadCase(t, base)
		o := readOutputs(t, base)
		change, err := peft.Attach(m.Encoder, c, 1)
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
		placeBehind(&o, c.Prefix)
		got := make([]float32, len(o.hidden))
		if err := m.Snapshot().Encode(got, o.ids, o.types, &o.batch); err != nil {
			t.Fatal(err)
		}
		args, answers = append(args, dir), append(answers, got)
	}
	if log, err := exec.Command(python, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, log)
	}
	for i, c := range configs {
		o := readOutputs(t, base)
		near(t, c.Method(), answers[i], readOutputs(t, args[3+i]).hidden, &o.batch, true)
	}
}
