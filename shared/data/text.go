package data

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxText bounds one record of text, in bytes, where Text.MaxBytes is 0.
const maxText = 1 << 20

// pairsFile holds pairs of sentences beside the text of a prepared corpus. It is not text to read line by line.
const pairsFile = "pairs.jsonl"

// Text is plain text in many files, read in order. A folder stands for the .txt, .text, .jsonl and .ndjson files in it and below,
// sorted by path, but for the pairs.jsonl of a prepared corpus. Lines of a JSONL file hold their text under the key "text".
//
// Invalid UTF-8, lines longer than MaxBytes and broken JSON are skipped and counted in Stats; at the end of the iteration more
// than 1 % of them is an error that wraps ErrTooManyBad, and no text at all one that wraps ErrEmpty.
type Text struct {
	Paths    []string
	MaxBytes int // longest line or document, 0 means 1 MiB
	Blank    int // Documents: this many blank lines end a document; 0: a file is one document

	Stats TextStats // of the last iteration, complete once it ended
}

// TextStats counts what a reader met.
type TextStats struct {
	Files, EmptyFiles int
	Records           int64 // lines that aren't blank, good and bad
	Bad               int64 // skipped: not UTF-8, too long, not in the format
	FirstBad          error // a *RowError, nil when there is none
}

func (s *TextStats) bad(file string, line int, err error) {
	s.Bad++
	if s.FirstBad == nil {
		s.FirstBad = &RowError{File: file, Line: line, Err: err}
	}
}

// done is the verdict at the end of an iteration.
func (s *TextStats) done(paths []string) error {
	switch {
	case s.Records == 0:
		return fmt.Errorf("data: no text in %d files of %q: %w", s.Files, paths, ErrEmpty)
	case s.Bad*100 > s.Records:
		return fmt.Errorf("data: %w: got %d of %d, want at most 1 %%; the first is %w", ErrTooManyBad, s.Bad, s.Records, s.FirstBad)
	}
	return nil
}

// Lines streams the lines that aren't blank of files and folders, see Text.
func Lines(paths ...string) iter.Seq2[string, error] { return (&Text{Paths: paths}).Lines() }

// Documents streams the documents of files and folders, see Text.Documents.
func Documents(paths ...string) iter.Seq2[string, error] { return (&Text{Paths: paths}).Documents() }

// Lines streams the lines that aren't blank, without line ends.
func (t *Text) Lines() iter.Seq2[string, error] {
	return t.each(func(line string, _ bool, yield func(string) bool) bool {
		return line == "" || yield(line)
	})
}

// Documents streams documents: a file, or what lies between Blank blank lines, or a line of a JSONL file. A document is cut at
// a line end before it grows past MaxBytes.
func (t *Text) Documents() iter.Seq2[string, error] {
	var doc strings.Builder
	blank := 0
	flush := func(yield func(string) bool) bool {
		s := strings.TrimRight(doc.String(), "\n")
		doc.Reset()
		blank = 0
		return s == "" || yield(s)
	}
	return t.each(func(line string, end bool, yield func(string) bool) bool {
		if end {
			return flush(yield)
		}
		if line == "" {
			blank++
			if t.Blank > 0 && blank >= t.Blank {
				return flush(yield)
			}
		} else {
			blank = 0
		}
		if doc.Len() > 0 && doc.Len()+len(line)+1 > t.limit() && !flush(yield) {
			return false
		}
		if line != "" || doc.Len() > 0 {
			doc.WriteString(line)
			doc.WriteByte('\n')
		}
		return true
	})
}

func (t *Text) limit() int {
	if t.MaxBytes > 0 {
		return t.MaxBytes
	}
	return maxText
}

// each gives every line of every file to one (blank ones as ""), and end after each file and each JSON line.
func (t *Text) each(one func(line string, end bool, yield func(string) bool) bool) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		t.Stats = TextStats{}
		good := func(s string) bool { return yield(s, nil) }
		files, err := TextFiles(t.Paths...)
		if err != nil {
			yield("", err)
			return
		}
		for _, path := range files {
			more, err := t.file(path, one, good)
			if err != nil {
				yield("", err)
				return
			}
			if !more {
				return
			}
		}
		if err := t.Stats.done(t.Paths); err != nil {
			yield("", err)
		}
	}
}

func (t *Text) file(path string, one func(string, bool, func(string) bool) bool, yield func(string) bool) (more bool, err error) {
	f, err := openData(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	t.Stats.Files++
	isJSON := isJSONL(path)
	l := newLineReader(f, t.limit())
	for {
		raw, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.Is(err, ErrTooLong) {
			return false, fmt.Errorf("data: %s: %w", path, err)
		}
		raw = bytes.TrimRight(raw, " \t\r")
		if len(raw) > 0 || err != nil {
			t.Stats.Records++
		}
		line := ""
		switch {
		case err == nil && !utf8.Valid(raw):
			err = ErrEncoding
		case err == nil && isJSON && len(raw) > 0:
			line, err = jsonText(raw)
		default:
			line = string(raw)
		}
		if err != nil {
			t.Stats.bad(path, l.line, err)
			continue
		}
		if !one(line, false, yield) || isJSON && !one("", true, yield) {
			return false, nil
		}
	}
	if l.line == 0 {
		t.Stats.EmptyFiles++
	}
	return one("", true, yield), nil
}

func jsonText(raw []byte) (string, error) {
	var obj map[string]json.RawMessage
	if err := json.Unmarshal(raw, &obj); err != nil {
		return "", fmt.Errorf("want a JSON object: %w", err)
	}
	s, err := stringField(obj, "text")
	if err != nil {
		return "", fmt.Errorf("key %q: %w", "text", err)
	}
	return s, nil
}

func isJSONL(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".jsonl" || ext == ".ndjson"
}

// TextFiles lists the files that paths stand for, in reading order: a file itself, a folder's text files sorted by path.
func TextFiles(paths ...string) ([]string, error) {
	if len(paths) == 0 {
		return nil, fmt.Errorf("data: no paths: %w", ErrEmpty)
	}
	var files []string
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, fmt.Errorf("data: %w", err)
		}
		if !info.IsDir() {
			files = append(files, p)
			continue
		}
		before := len(files)
		err = filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			ext := strings.ToLower(filepath.Ext(path))
			if err == nil && d.Name() == pairsFile && d.Type().IsRegular() {
				return nil
			}
			if err == nil && d.Type().IsRegular() && slices.Contains([]string{".txt", ".text", ".jsonl", ".ndjson"}, ext) {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("data: %w", err)
		}
		if len(files) == before {
			return nil, fmt.Errorf("data: folder %s has no .txt or .jsonl files: %w", p, ErrEmpty)
		}
	}
	return files, nil
}
