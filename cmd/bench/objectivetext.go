package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/pretrain"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// newObjective prepares a step of an objective over text of random words, each one token, that it writes to dir.
func newObjective(ctx context.Context, name string, s ObjectiveSizes, dir string) (*objectiveBench, error) {
	c, err := pretrain.Default(s.Preset)
	if err != nil {
		return nil, err
	}
	none := float32(0)
	c.Dropout, c.Length, c.Batch, c.EvalMax, c.Masked = &none, s.Length, s.Batch, 1, nil
	o := pretrain.Options{Data: []string{filepath.Join(dir, "text.txt")}, Out: dir, Tokenizer: filepath.Join(dir, "tokenizer.json")}
	tok, err := writeWords(s, o.Data[0], o.Tokenizer)
	if err != nil {
		return nil, err
	}
	switch name {
	case "masked":
		c.Masked = &pretrain.Masked{Share: 1, Rate: 0.15}
	case "causal":
		c.Causal = &pretrain.Causal{Share: 1}
	case "replaced":
		c.Replaced = &pretrain.Replaced{Share: 1, Rate: 0.15, Weight: 50, Generator: pretrain.Generator{Hidden: c.Model.Hidden / 4, Heads: max(1, c.Model.Heads/4)}}
	case "contrastive":
		c.Contrastive = &pretrain.Contrastive{Share: 1, Batch: s.Pairs, Length: s.Short, Temperature: 0.05, Kinds: map[string]float64{"random": 1}}
		o.Pairs = []string{filepath.Join(dir, "pairs.jsonl")}
		err = writePairs(o.Data[0], o.Pairs[0])
	case "distilled":
		c.Distilled = &pretrain.Distilled{Share: 1, Batch: s.Pairs, Length: s.Short, Teacher: filepath.Join(dir, "teacher")}
		err = writeTeacher(s, tok, c.Distilled.Teacher)
	}
	if err != nil {
		return nil, err
	}
	b, err := pretrain.NewBench(ctx, c, o)
	if err != nil {
		return nil, err
	}
	return &objectiveBench{Bench: b, name: name, config: c}, nil
}

// writeWords writes a tokenizer whose vocabulary is words of letters, and lines of such words at random: each line is one text of s.Short tokens with [CLS]
// and [SEP], and there are enough of them for a batch of windows.
func writeWords(s ObjectiveSizes, path, tokenizerPath string) (*tokenizer.Tokenizer, error) {
	vocab := tokenizer.BertTokens[:]
	for i := 0; len(vocab) < s.Vocab; i++ {
		vocab = append(vocab, string([]byte{'a' + byte(i/676%26), 'a' + byte(i/26%26), 'a' + byte(i%26)}))
	}
	tok, err := tokenizer.NewWordPiece(vocab, tokenizer.BertOptions{Lowercase: true})
	if err != nil {
		return nil, err
	}
	raw, err := tok.JSON()
	if err != nil {
		return nil, err
	}
	r := random.New(random.Key(1, "bench.objectives"))
	words := vocab[len(tokenizer.BertTokens):]
	inner := s.Short - 2
	var b strings.Builder
	for range max(4*s.Pairs, 2*s.Batch*s.Length/inner, 400) {
		for range inner {
			b.WriteString(words[r.IntN(len(words))])
			b.WriteByte(' ')
		}
		b.WriteByte('\n')
	}
	return tok, errors.Join(os.WriteFile(path, []byte(b.String()), 0o644), os.WriteFile(tokenizerPath, raw, 0o644))
}

// writePairs makes pairs of neighbouring lines of a text.
func writePairs(textPath, path string) error {
	raw, err := os.ReadFile(textPath)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	var b strings.Builder
	e := json.NewEncoder(&b)
	for i := 0; i+1 < len(lines); i += 2 {
		if err := e.Encode(map[string]string{"a": lines[i], "b": lines[i+1], "kind": "random", "source": "bench"}); err != nil {
			return err
		}
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

// writeTeacher saves a random encoder.
func writeTeacher(s ObjectiveSizes, tok *tokenizer.Tokenizer, dir string) error {
	c, err := text.Preset(s.Teacher, tok.VocabSize())
	if err != nil {
		return err
	}
	m, err := text.New(c, tok, 2)
	if err != nil {
		return err
	}
	if err := m.Save(dir, text.SaveOptions{Card: "A random encoder.\n"}); err != nil {
		return fmt.Errorf("teacher: %w", err)
	}
	return nil
}
