package pretrain_test

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/rerun"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/pretrain"
)

// replaced is config with replaced-token detection alone.
func replaced(steps int) pretrain.Config {
	c := config(steps)
	c.Masked = nil
	c.Replaced = &pretrain.Replaced{Share: 1, Rate: 0.15, Weight: 50, Generator: pretrain.Generator{Fraction: 0.5}}
	return c
}

// TestReplacedLearns: the encoder finds replaced tokens, the generator learns, and the folder is that of transformers' class.
func TestReplacedLearns(t *testing.T) {
	c := replaced(100)
	c.Model.ModelType, c.Model.Layers, c.Model.Dropout, c.Model.AttentionDropout, c.Train.LR = "electra", 2, 0, 0, 1e-3
	out := filepath.Join(t.TempDir(), "run")
	r, err := pretrain.Run(t.Context(), c, pretrain.Options{Data: []string{corpus(t)}, Out: out})
	if err != nil {
		t.Fatal(err)
	}
	s := scores(t, out)
	if r.EvalLoss != s["loss"] || r.EvalAccuracy != s["accuracy"] {
		t.Errorf("got loss %g and accuracy %g, want those of %v", r.EvalLoss, r.EvalAccuracy, s)
	}
	// Saying "nothing was replaced" finds nothing and is right about the rest. So early the generator proposes tokens that the text never has, and
	// those the encoder knows.
	if s["recall"] < 0.15 || s["accuracy"] < 1-s["replaced"]+0.02 || s["replaced"] <= 0 || s["replaced"] > 0.15 {
		t.Errorf("got %v, want a better accuracy than by saying that nothing was replaced", s)
	}
	if start := math.Log(200); s["generator_loss"] > start-1 {
		t.Errorf("got a generator's loss of %g, want less than %g, from %g at the start", s["generator_loss"], start-1, start)
	}
	m, err := text.Load(out)
	if err != nil {
		t.Fatal(err)
	}
	h, err := text.LoadHead(out, m)
	if err != nil || h.Task != text.TaskReplacedTokens || h.Out() != 1 {
		t.Fatalf("got %+v, %v, want the head of a discriminator", h, err)
	}
	if want := []string{"ElectraForPreTraining"}; !slices.Equal(m.Config.Architectures, want) {
		t.Errorf("architectures: got %q, want %q", m.Config.Architectures, want)
	}
}

// TestReplacedShares: the generator has the encoder's embeddings and no copy of them, a projection where it is narrower, and what is stored beside an
// encoder of any family doesn't keep it from loading.
func TestReplacedShares(t *testing.T) {
	path := corpus(t)
	for _, modelType := range []string{"bert", "electra"} {
		for _, size := range []pretrain.Generator{{Fraction: 0.25}, {Hidden: 32, Heads: 4, Layers: 2}} {
			c := replaced(2)
			c.Model.ModelType, c.Replaced.Generator = modelType, size
			out := filepath.Join(t.TempDir(), "run")
			if _, err := pretrain.Run(t.Context(), c, pretrain.Options{Data: []string{path}, Out: out}); err != nil {
				t.Fatal(err)
			}
			tensors, _, err := checkpoint.ReadFile(filepath.Join(out, "model.safetensors"))
			if err != nil {
				t.Fatal(err)
			}
			tables, projected := 0, false
			for _, s := range tensors {
				tables += strings.Count(s.Name, "word_embeddings")
				projected = projected || s.Name == "generator.embeddings_project.weight"
			}
			if tables != 1 || projected != (size.Fraction > 0) {
				t.Errorf("%s %+v: got %d tables of word embeddings, projected %t", modelType, size, tables, projected)
			}
			m, err := text.Load(out)
			if err != nil {
				t.Fatalf("%s %+v: %v", modelType, size, err)
			}
			if got, want := m.Config.Architectures[0], map[string]string{"bert": "BertModel", "electra": "ElectraForPreTraining"}[modelType]; got != want {
				t.Errorf("architecture: got %s, want %s", got, want)
			}
		}
	}
}

// TestReplacedVerifies: a run with replaced-token detection alone trains again to the same digest.
func TestReplacedVerifies(t *testing.T) {
	c := replaced(6)
	c.Train.Accumulate, c.Train.Average = 2, 0.9
	out := filepath.Join(t.TempDir(), "run")
	r, err := pretrain.Run(t.Context(), c, pretrain.Options{Data: []string{corpus(t)}, Out: out})
	if err != nil {
		t.Fatal(err)
	}
	v, err := pretrain.Verify(t.Context(), out, rerun.Options{})
	if err != nil || !v.Match || v.Want != r.Digest {
		t.Errorf("got %+v, %v, want a match with %s", v, err, r.Digest)
	}
}
