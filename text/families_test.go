package text

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// familyTolerance is relative to the largest value of an output, which is float64 rounded once; ours is float32.
const familyTolerance = 1e-5

// families is where the folders and outputs of transformers lie, one folder a case.
func families(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob("testdata/families/*/golden.safetensors")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for i := range dirs {
		dirs[i] = filepath.Dir(dirs[i])
	}
	return dirs
}

// loadCase loads the model of a case with a small tokenizer of a, b and more words, which those folders have none of.
func loadCase(t testing.TB, from string, words ...string) (*Model, string) {
	t.Helper()
	dir := t.TempDir()
	tok, err := tokenizer.NewWordPiece(append(append(slices.Clone(tokenizer.BertTokens[:]), "a", "b"), words...), tokenizer.BertOptions{})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := tok.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, tokenizerFile), raw, 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return m, dir
}

// outputs are what transformers made of a batch.
type outputs struct {
	batch          nn.Batch
	ids, types     []int32
	hidden, logits []float32 // [B, T, D], [B, C] or [B, T, C]
	pooled         []float32 // [B, D]
}

func readOutputs(t *testing.T, dir string) outputs {
	t.Helper()
	f, err := checkpoint.Open(filepath.Join(dir, "golden.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var o outputs
	read := func(name string) []float32 {
		if !slices.Contains(f.Names(), name) {
			return nil
		}
		info, err := f.Info(name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "input_ids" {
			o.batch.B, o.batch.T = info.Shape[0], info.Shape[1]
		}
		x := make([]float32, info.Count)
		if err := f.Read(name, x); err != nil {
			t.Fatal(err)
		}
		return x
	}
	whole := func(x []float32) (ids []int32) {
		for _, v := range x {
			ids = append(ids, int32(v))
		}
		return ids
	}
	o.ids, o.types, o.batch.Lengths = whole(read("input_ids")), whole(read("token_type_ids")), whole(read("lengths"))
	o.hidden, o.logits, o.pooled = read("last_hidden_state"), read("logits"), read("pooler_output")
	for i, start := range read("start_logits") {
		if i == 0 {
			o.logits = nil
		}
		o.logits = append(o.logits, start, read("end_logits")[i])
	}
	return o
}

// near compares the valid rows of two outputs [B, T, C].
func near(t *testing.T, what string, got, want []float32, b *nn.Batch, perToken bool) {
	t.Helper()
	c := len(want) / b.B
	if perToken {
		c /= b.T
	}
	var worst, largest float64
	for i := range b.B {
		n := 1
		at := i * c
		if perToken {
			n, at = b.Length(i), i*b.T*c
		}
		for j := at; j < at+n*c; j++ {
			worst = max(worst, math.Abs(float64(got[j]-want[j])))
			largest = max(largest, math.Abs(float64(want[j])))
		}
	}
	if !(worst <= familyTolerance*max(largest, 1)) {
		t.Errorf("%s: off by %.2g of %.2g", what, worst, largest)
	}
}

// TestFamilies holds every architecture and head to transformers, on batches with padding, and the table of README.md to what passed.
func TestFamilies(t *testing.T) {
	passed := map[string]bool{}
	for _, dir := range families(t) {
		var verified string
		ok := t.Run(filepath.Base(dir), func(t *testing.T) {
			m, at := loadCase(t, dir)
			verified = m.family.class
			want := readOutputs(t, dir)
			got := make([]float32, len(want.hidden))
			if err := m.Snapshot().Encode(got, want.ids, want.types, &want.batch); err != nil {
				t.Fatal(err)
			}
			near(t, "hidden states", got, want.hidden, &want.batch, true)
			if want.pooled != nil {
				y := make([]float32, want.batch.B*m.Width())
				if err := m.Pooler.Forward(y, got, &want.batch); err != nil {
					t.Fatal(err)
				}
				near(t, "pooled", y, want.pooled, &want.batch, false)
			}
			if want.logits == nil {
				return
			}
			h, err := LoadHead(at, m)
			if err != nil {
				t.Fatal(err)
			}
			rows, n := got, want.batch.B*want.batch.T
			if h.Pooling != "" {
				rows, n = make([]float32, want.batch.B*m.Width()), want.batch.B
				h.Pooling.Forward(rows, got, &want.batch, m.Width())
			}
			z := make([]float32, n*h.Out())
			if len(z) != len(want.logits) {
				t.Fatalf("got %d logits, want %d", len(z), len(want.logits))
			}
			if err := h.Logits(z, rows, n); err != nil {
				t.Fatal(err)
			}
			verified += " " + h.Task
			near(t, "logits", z, want.logits, &want.batch, h.Pooling == "")
		})
		if old, seen := passed[verified]; !seen || old {
			passed[verified] = ok
		}
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if table := architectures(passed); !strings.Contains(string(readme), table) {
		t.Errorf("README.md has another table of architectures than the one that passed:\n%s", table)
	}
}

// architectures makes the table of README.md.
func architectures(passed map[string]bool) string {
	tasks := []string{"", " " + TaskFillMask, " " + TaskReplacedTokens, " " + TaskTextClassification, " " + TaskTokenClassify, " " + TaskQuestionAnswering}
	var b strings.Builder
	b.WriteString("| architecture | encoder | masked LM | replaced tokens | text classification | token classification | question answering |\n|---|---|---|---|---|---|---|\n")
	for _, f := range []*family{bert(), roberta(), distilbert(), electra(), modernbert()} {
		fmt.Fprintf(&b, "| %s |", f.class)
		for _, task := range tasks {
			mark := " "
			if passed[f.class+task] {
				mark = " ✓ "
			}
			b.WriteString(mark + "|")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestFamiliesSave: what Save writes reads back as the same model, under the names and in the words of transformers.
func TestFamiliesSave(t *testing.T) {
	for _, dir := range families(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			m, at := loadCase(t, dir)
			h, err := LoadHead(at, m)
			if err != nil && !errors.Is(err, ErrNoHead) {
				t.Fatal(err)
			}
			again := filepath.Join(t.TempDir(), "again")
			if out := os.Getenv("FMKIT_FAMILIES_OUT"); out != "" { // for cmd/bench/golden/roundtrip.py
				again = filepath.Join(out, filepath.Base(dir))
			}
			if err := m.Save(again, SaveOptions{Head: h}); err != nil {
				t.Fatal(err)
			}
			back, err := Load(again)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := back.Fingerprint(), m.Fingerprint(); got != want {
				t.Errorf("fingerprint: got %s, want %s", got, want)
			}
			if h != nil {
				if got, err := LoadHead(again, back); err != nil || !slices.Equal(got.out.W.Value, h.out.W.Value) || got.Task != h.Task || !slices.Equal(got.Labels, h.Labels) {
					t.Errorf("head: got %+v, %v, want %+v", got, err, h)
				}
			}
			theirs, err := checkpoint.Open(filepath.Join(at, weightsFile))
			if err != nil {
				t.Fatal(err)
			}
			defer theirs.Close()
			ours, err := checkpoint.Open(filepath.Join(again, weightsFile))
			if err != nil {
				t.Fatal(err)
			}
			defer ours.Close()
			known := map[string][]int{}
			for _, name := range theirs.Names() {
				info, err := theirs.Info(name)
				if err != nil {
					t.Fatal(err)
				}
				known[m.family.own(name)] = info.Shape
			}
			for _, name := range ours.Names() {
				info, err := ours.Info(name)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(info.Shape, known[name]) {
					t.Errorf("%s: got shape %v, want %v", name, info.Shape, known[name])
				}
			}
		})
	}
}
