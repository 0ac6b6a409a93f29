package corpus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
)

// An Overlap is text of an evaluation set in a corpus.
type Overlap struct {
	File       string `json:"file"` // of the corpus
	Line       int    `json:"line"` // that the shared words end in
	Text       string `json:"text"` // the line, or its beginning
	Evaluation string `json:"evaluation"`
	With       string `json:"with"`  // the evaluation text, or its beginning
	Words      int    `json:"words"` // that are shared
}

// CheckOverlap looks for the texts of evaluation files (see EvaluationTexts) in the text files of path, a folder or a file, and in the pairs of a corpus
// folder: runs of 13 words, also over line ends inside a document, whole texts of 5 words and more, and shorter ones that are a whole
// line. Documents end at blank lines. It gives one Overlap for each line.
func CheckOverlap(ctx context.Context, path string, evaluation []string) ([]Overlap, error) {
	var files []location
	for _, f := range evaluation {
		files = append(files, location{written: f, real: f})
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("corpus: evaluation files: %w", data.ErrEmpty)
	}
	e, err := newEvaluation(files)
	if err != nil {
		return nil, err
	}
	read, err := data.TextFiles(path)
	if err != nil {
		return nil, err
	}
	c := &checker{e: e}
	for _, f := range read {
		if err := c.file(ctx, f); err != nil {
			return nil, err
		}
	}
	if pairs := filepath.Join(path, PairsFile); exists(pairs) {
		if err := c.pairs(ctx, pairs); err != nil && !errors.Is(err, data.ErrEmpty) {
			return nil, err
		}
	}
	texts := map[int]string{}
	for _, t := range c.texts {
		texts[t] = ""
	}
	e.read(texts)
	for i, t := range c.texts {
		c.found[i].With = texts[t]
	}
	return c.found, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// maxChecked bounds the lines of a document that are looked at together, for files without blank lines.
const maxChecked = 100_000

// A checker collects what it finds.
type checker struct {
	e     *evaluation
	found []Overlap
	texts []int  // number of the evaluation text of each
	lines []line // of the document
	at    []int  // their numbers
}

// file checks the documents of a file.
func (c *checker) file(ctx context.Context, path string) error {
	l := location{written: path, real: path}
	if hasExtension(path, []string{".jsonl", ".ndjson"}) {
		return l.eachObject(func(n int, row map[string]json.RawMessage) (string, error) {
			list, err := stringsOf(row, "text")
			if err != nil {
				return "text", err
			}
			for s := range strings.SplitSeq(strings.Join(list, "\n"), "\n") {
				c.add(n, s)
			}
			c.end(path)
			return "", ctx.Err()
		})
	}
	err := l.eachLine(func(n int, s string) error {
		if strings.TrimSpace(s) == "" {
			c.end(path)
			return ctx.Err()
		}
		if c.add(n, s); len(c.lines) == maxChecked {
			c.end(path)
		}
		return nil
	})
	c.end(path)
	return err
}

// pairs checks each side of every pair.
func (c *checker) pairs(ctx context.Context, path string) error {
	return location{written: path, real: path}.eachObject(func(n int, row map[string]json.RawMessage) (string, error) {
		for _, side := range []string{"a", "b"} {
			list, err := stringsOf(row, side)
			if err != nil {
				return side, err
			}
			c.add(n, strings.Join(list, " "))
			c.end(path)
		}
		return "", ctx.Err()
	})
}

func (c *checker) add(n int, s string) {
	c.lines = append(c.lines, line{text: s})
	c.at = append(c.at, n)
}

func (c *checker) end(path string) {
	last := -1
	for _, t := range c.e.search(c.lines) {
		if t.last == last {
			continue
		}
		last = t.last
		c.found = append(c.found, Overlap{
			File: path, Line: c.at[t.last], Text: shorten(c.lines[t.last].text),
			Evaluation: c.e.files[c.e.file(t.hit.Text)].written, Words: t.hit.Words,
		})
		c.texts = append(c.texts, t.hit.Text)
	}
	c.lines, c.at = c.lines[:0], c.at[:0]
}
