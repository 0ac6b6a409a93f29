package demo

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	classifytrain "github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/pretrain"
)

// TestPretrainingStandsAlone holds that the arms differ in what pretraining taught and in nothing else: a base that was pretrained at a
// rate of nothing, saved and loaded, tunes to the bits of the same model from scratch.
func TestPretrainingStandsAlone(t *testing.T) {
	dir := t.TempDir()
	lib := Fallback()
	c, err := NewCorpus(lib, 1)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, s := range lib.Sentences {
		all.WriteString(s.Text + "\n")
	}
	words := filepath.Join(dir, "words.txt")
	if err := os.WriteFile(words, []byte(all.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := pretrain.Default("tiny")
	if err != nil {
		t.Fatal(err)
	}
	p.Length, p.Batch, p.Short, p.Held = 64, 4, 0.3, 0.2
	p.Train.Steps, p.Train.Warmup, p.Train.Seed = 2, 0, 7
	tune := func(lr float64, method string) *adapter.Passport {
		p.Train.LR = lr
		out := filepath.Join(dir, method)
		if err := os.RemoveAll(out); err != nil {
			t.Fatal(err)
		}
		if _, err := pretrain.Run(t.Context(), p, pretrain.Options{Data: []string{words}, Out: out}); err != nil {
			t.Fatal(err)
		}
		base, err := text.Load(out)
		if err != nil {
			t.Fatal(err)
		}
		f := classifytrain.Defaults()
		f.Method, f.Seed, f.Batch, f.Held, f.Steps = method, p.Train.Seed, 8, 0, 3
		pass, _, err := classifytrain.Train(t.Context(), base, classifytrain.Data{Train: c.Pool}, f, finetune.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return pass
	}
	const nothing = 1e-60 // 0 as a float32
	scratch := tune(nothing, adapter.Scratch)
	if full := tune(nothing, adapter.Full); full.Digest != scratch.Digest {
		t.Errorf("tuning what was not taught: got %s, from scratch %s", full.Digest, scratch.Digest)
	}
	if full := tune(1e-3, adapter.Full); full.Digest == scratch.Digest {
		t.Error("tuning does not start from the pretrained weights")
	}
}
