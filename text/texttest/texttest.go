// Package texttest makes small text models for tests and examples.
package texttest

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// Tokenizer returns a lower-casing WordPiece tokenizer that knows the given words whole and everything else in the letters a to z, digits and
// some punctuation.
func Tokenizer(words ...string) (*tokenizer.Tokenizer, error) {
	vocab := map[string]int{}
	add := func(token string) {
		if _, ok := vocab[token]; !ok {
			vocab[token] = len(vocab)
		}
	}
	special := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
	var added []map[string]any
	for i, s := range special {
		add(s)
		added = append(added, map[string]any{
			"id": i, "content": s, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true,
		})
	}
	for _, r := range "abcdefghijklmnopqrstuvwxyz0123456789.,:;!?'-" {
		add(string(r))
		add("##" + string(r))
	}
	for _, w := range words {
		add(w)
	}
	raw, err := json.Marshal(map[string]any{
		"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": added,
		"normalizer":    map[string]any{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": nil, "lowercase": true},
		"pre_tokenizer": map[string]any{"type": "BertPreTokenizer"},
		"post_processor": map[string]any{
			"type": "TemplateProcessing",
			"single": []any{
				map[string]any{"SpecialToken": map[string]any{"id": "[CLS]", "type_id": 0}},
				map[string]any{"Sequence": map[string]any{"id": "A", "type_id": 0}},
				map[string]any{"SpecialToken": map[string]any{"id": "[SEP]", "type_id": 0}},
			},
			"pair": []any{
				map[string]any{"SpecialToken": map[string]any{"id": "[CLS]", "type_id": 0}},
				map[string]any{"Sequence": map[string]any{"id": "A", "type_id": 0}},
				map[string]any{"SpecialToken": map[string]any{"id": "[SEP]", "type_id": 0}},
				map[string]any{"Sequence": map[string]any{"id": "B", "type_id": 1}},
				map[string]any{"SpecialToken": map[string]any{"id": "[SEP]", "type_id": 1}},
			},
			"special_tokens": map[string]any{
				"[CLS]": map[string]any{"id": "[CLS]", "ids": []int{2}, "tokens": []string{"[CLS]"}},
				"[SEP]": map[string]any{"id": "[SEP]", "ids": []int{3}, "tokens": []string{"[SEP]"}},
			},
		},
		"decoder": map[string]any{"type": "WordPiece", "prefix": "##", "cleanup": true},
		"model": map[string]any{
			"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": vocab,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("texttest: %w", err)
	}
	return tokenizer.Parse(raw)
}

// Model returns an untrained model of 2 layers, 32 wide, that reads 64 tokens.
func Model(seed uint64, words ...string) (*text.Model, error) {
	tok, err := Tokenizer(words...)
	if err != nil {
		return nil, err
	}
	c := text.Config{Config: backbone.Config{
		Hidden: 32, Layers: 2, Heads: 2, Intermediate: 64, MaxPositions: 64, Types: 2, Dropout: 0.1, AttentionDropout: 0.1,
	}}
	m, err := text.New(c, tok, seed)
	if err != nil {
		return nil, err
	}
	m.Name = "toy"
	return m, nil
}

// Pretrained saves an untrained model, with a masked-language head as pretraining leaves it, in the folder dir. It says that it learnt to continue
// texts, which it seldom ends.
func Pretrained(dir string, seed uint64, words ...string) error {
	m, err := Model(seed, words...)
	if err != nil {
		return err
	}
	m.Config.Objectives = []string{text.ObjectiveMasked, text.ObjectiveCausal}
	head := nn.NewLMHead("cls.predictions", m.Embedding.Word, m.Width(), m.Config.Eps)
	var extra []checkpoint.Tensor
	for _, p := range head.Params() {
		p.Init(seed)
		extra = append(extra, checkpoint.Tensor{Name: p.Name, Shape: p.Shape, Data: p.Value})
	}
	head.Bias.Value[m.Sep()] = -6
	return m.Save(dir, text.SaveOptions{Extra: extra})
}

// Embedded gives base and the adapter folder dir once more from memory, as a program has those that are embedded in it: base saved and loaded
// again, and the files of dir.
func Embedded(t testing.TB, base *text.Model, dir string) (*text.Model, fs.FS) {
	t.Helper()
	saved := filepath.Join(t.TempDir(), "base")
	if err := base.Save(saved, text.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	m, err := text.LoadFS(files(t, saved))
	if err != nil {
		t.Fatal(err)
	}
	return m, files(t, dir)
}

// files copies those in dir to memory.
func files(t testing.TB, dir string) fstest.MapFS {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := fstest.MapFS{}
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = &fstest.MapFile{Data: raw}
	}
	return all
}

// Card checks that the card of a model folder names the weights that it lies beside.
func Card(t testing.TB, folder fs.FS, m *text.Model) {
	t.Helper()
	card, err := fs.ReadFile(folder, "README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(card), m.Fingerprint()) {
		t.Errorf("README.md doesn't name the fingerprint %s", m.Fingerprint())
	}
}
