package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/text/tokenizer"
	trainer "github.com/fmkit/fmkit/text/tokenizer/train"
)

// newTokenizer learns vocabularies, and turns text into ids and back.
func newTokenizer(c *console) *cobra.Command {
	return group("tokenizer", "Train a tokenizer, encode and decode text", newTokenizerTrain(c), newTokenizerEncode(c), newTokenizerDecode(c))
}

// tokenizerTrain are the choices of tokenizer train.
type tokenizerTrain struct {
	data  []string
	out   string
	model string
	vocab int
	cased bool
}

func newTokenizerTrain(c *console) *cobra.Command {
	var f tokenizerTrain
	cmd := &cobra.Command{
		Use:   "train --data PATH... --out FILE",
		Short: "Learn a vocabulary from text and write a tokenizer.json",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "data", "out"); err != nil {
				return err
			}
			if err := oneOf("--model", f.model, "wordpiece", "bpe"); err != nil {
				return err
			}
			if f.vocab < 1 || f.vocab > tokenizer.MaxVocab {
				return usagef("--vocab: got %d, want 1 to %d", f.vocab, tokenizer.MaxVocab)
			}
			return f.run(cmd.Context(), c)
		},
	}
	cmd.Flags().StringSliceVar(&f.data, "data", nil, "text files and folders")
	cmd.Flags().StringVar(&f.out, "out", "", "tokenizer.json to write")
	cmd.Flags().StringVar(&f.model, "model", "wordpiece", "wordpiece or bpe (byte-level)")
	cmd.Flags().IntVar(&f.vocab, "vocab", 8192, "size of the vocabulary")
	cmd.Flags().BoolVar(&f.cased, "cased", false, "keep case and accents (wordpiece)")
	return cmd
}

func (f tokenizerTrain) run(ctx context.Context, c *console) error {
	begin := time.Now()
	var tok *tokenizer.Tokenizer
	var err error
	switch o := (trainer.Config{VocabSize: f.vocab, Cased: f.cased}); f.model {
	case "wordpiece":
		tok, err = trainer.WordPiece(ctx, data.Lines(f.data...), o)
	case "bpe":
		tok, err = trainer.ByteLevelBPE(ctx, data.Lines(f.data...), o)
	}
	if err != nil {
		return err
	}
	raw, err := tok.JSON()
	if err != nil {
		return err
	}
	if err := checkpoint.WriteFile(f.out, raw); err != nil {
		return err
	}
	seconds := time.Since(begin).Seconds()
	return c.answer(map[string]any{"path": f.out, "vocab_size": tok.VocabSize(), "seconds": seconds}, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: %d tokens, %.1f s\n", f.out, tok.VocabSize(), seconds)
		return err
	})
}

// An encodedLine is what tokenizer encode says about one line. Offsets are in code points.
type encodedLine struct {
	IDs     []int32  `json:"ids"`
	Tokens  []string `json:"tokens"`
	Offsets [][2]int `json:"offsets"`
}

func newTokenizerEncode(c *console) *cobra.Command {
	var path string
	var plain bool
	cmd := &cobra.Command{
		Use:   "encode --tokenizer PATH",
		Short: "Lines of text in, one JSON object a line out",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "tokenizer"); err != nil {
				return err
			}
			tok, err := loadTokenizer(path)
			if err != nil {
				return err
			}
			encode := tok.Encode
			if plain {
				encode = tok.EncodePlain
			}
			return encodeLines(cmd.Context(), c, encode)
		},
	}
	cmd.Flags().StringVar(&path, "tokenizer", "", "tokenizer.json, or a model folder that has one")
	cmd.Flags().BoolVar(&plain, "no-special", false, "leave out special tokens, truncation and padding")
	return cmd
}

func encodeLines(ctx context.Context, c *console, encode func(string) (*tokenizer.Encoding, error)) error {
	out := bufio.NewWriter(c.out)
	err := eachLine(ctx, c.in, func(n int, line []byte) error {
		text := string(line)
		e, err := encode(text)
		if err != nil {
			return lineError(n, err)
		}
		answer := encodedLine{IDs: e.IDs, Tokens: e.Tokens, Offsets: make([][2]int, 0, e.Len())}
		for _, s := range tokenizer.CodePoints(text, e.Offsets) {
			answer.Offsets = append(answer.Offsets, [2]int{s.Start, s.End})
		}
		return writeLine(out, answer)
	})
	return flushed(out, err)
}

func newTokenizerDecode(c *console) *cobra.Command {
	var path string
	var special bool
	cmd := &cobra.Command{
		Use:   "decode --tokenizer PATH",
		Short: "JSON lines in, a list of ids or an object with ids each; lines of text out",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "tokenizer"); err != nil {
				return err
			}
			tok, err := loadTokenizer(path)
			if err != nil {
				return err
			}
			return decodeLines(cmd.Context(), c, tok, !special)
		},
	}
	cmd.Flags().StringVar(&path, "tokenizer", "", "tokenizer.json, or a model folder that has one")
	cmd.Flags().BoolVar(&special, "special", false, "keep special tokens")
	return cmd
}

func decodeLines(ctx context.Context, c *console, tok *tokenizer.Tokenizer, skipSpecial bool) error {
	out := bufio.NewWriter(c.out)
	err := eachLine(ctx, c.in, func(n int, line []byte) error {
		var in struct {
			IDs []int32 `json:"ids"`
		}
		var err error
		limits := strictjson.Limits{Bytes: maxLine, AllowUnknown: true}
		if len(line) > 0 && line[0] == '[' {
			err = strictjson.Decode(line, &in.IDs, limits)
		} else {
			err = strictjson.Decode(line, &in, limits)
		}
		if err != nil {
			return lineError(n, err)
		}
		for i, id := range in.IDs {
			if id < 0 || int(id) >= tok.VocabSize() {
				return lineError(n, fmt.Errorf("ids[%d]: got %d, want 0 to %d", i, id, tok.VocabSize()-1))
			}
		}
		text := tok.Decode(in.IDs, skipSpecial)
		if c.json {
			return writeLine(out, map[string]string{"text": text})
		}
		_, err = out.WriteString(text + "\n")
		return err
	})
	return flushed(out, err)
}

// flushed writes what is left and keeps the first error.
func flushed(w *bufio.Writer, err error) error {
	if flush := w.Flush(); err == nil {
		return flush
	}
	return err
}

// loadTokenizer reads a tokenizer.json, or that of a model folder.
func loadTokenizer(path string) (*tokenizer.Tokenizer, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "tokenizer.json")
	}
	return tokenizer.Load(path)
}
