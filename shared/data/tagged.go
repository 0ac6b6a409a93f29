package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// Tagged is a sentence whose words have tags: O, or B-TYPE for the first word of an entity and I-TYPE for its others.
type Tagged struct {
	Tokens []string `json:"tokens"`
	Tags   []string `json:"tags"` // beside Tokens
}

// Outside is the tag of words that are part of no entity.
const Outside = "O"

func (t *Tagged) check() (field string, err error) {
	switch {
	case len(t.Tokens) == 0:
		return "tokens", ErrEmpty
	case len(t.Tokens) != len(t.Tags):
		return "tags", fmt.Errorf("got %d, want %d, one a token", len(t.Tags), len(t.Tokens))
	}
	for i, token := range t.Tokens {
		if strings.TrimSpace(token) == "" {
			return "tokens", fmt.Errorf("token %d: %w", i, ErrEmpty)
		}
		if err := checkTag(t.Tags[i]); err != nil {
			return "tags", fmt.Errorf("tag %d: %w", i, err)
		}
	}
	return "", nil
}

func checkTag(tag string) error {
	if kind, ok := strings.CutPrefix(tag, "B-"); ok && kind != "" {
		return nil
	}
	if kind, ok := strings.CutPrefix(tag, "I-"); ok && kind != "" {
		return nil
	}
	if tag == Outside {
		return nil
	}
	return fmt.Errorf("%w: got %.40q, want O, B-TYPE or I-TYPE", ErrUnknown, tag)
}

// ReadTagged streams the sentences of a file: one JSON object {"tokens": [...], "tags": [...]} a line (.jsonl, .ndjson), or CoNLL's columns (.conll, .tsv,
// .txt). The first error ends the stream: a *RowError for a bad row, one that wraps ErrEmpty for a file with no sentences.
func ReadTagged(path string) iter.Seq2[Tagged, error] {
	return readFile(path, func(r io.Reader) iter.Seq2[Tagged, error] {
		switch ext := strings.ToLower(filepath.Ext(path)); ext {
		case ".jsonl", ".ndjson":
			return ParseTagged(r, path)
		case ".conll", ".tsv", ".txt":
			return ParseCoNLL(r, path)
		default:
			return failed[Tagged](fmt.Errorf("data: %s: extension %q, want .jsonl or, for columns, .conll, .tsv or .txt", path, ext))
		}
	})
}

// ParseTagged streams sentences from lines of JSON. Other keys are ignored, blank lines skipped. name is used in errors.
func ParseTagged(r io.Reader, name string) iter.Seq2[Tagged, error] {
	return parseLines(r, name, func(obj map[string]json.RawMessage) (t Tagged, field string, err error) {
		for _, f := range []struct {
			key  string
			list *[]string
		}{{"tokens", &t.Tokens}, {"tags", &t.Tags}} {
			var one bool
			if *f.list, one, err = listField(obj, f.key); err == nil && one {
				err = errors.New("got a string, want a list")
			}
			if err != nil {
				return t, f.key, err
			}
		}
		field, err = t.check()
		return t, field, err
	})
}

// ParseCoNLL streams sentences from columns: a word a line, first the word and last the tag, divided by tabs or else blanks; a blank line ends a
// sentence. Lines of -DOCSTART- are skipped. name is used in errors.
func ParseCoNLL(r io.Reader, name string) iter.Seq2[Tagged, error] {
	return func(yield func(Tagged, error) bool) {
		l, sentences := newLineReader(r, maxRecord), 0
		var t Tagged
		for end := false; !end; {
			line, err := l.next()
			if end = errors.Is(err, io.EOF); end {
				line, err = nil, nil
			}
			blank := false
			if err == nil {
				blank, err = t.column(line)
			}
			if err != nil {
				yield(Tagged{}, &RowError{File: name, Line: l.line, Err: err})
				return
			}
			if blank && len(t.Tokens) > 0 {
				sentences++
				if !yield(t, nil) {
					return
				}
				t = Tagged{}
			}
		}
		if sentences == 0 {
			yield(Tagged{}, &RowError{File: name, Err: ErrEmpty})
		}
	}
}

// column adds the word of a line; blank says that it has none.
func (t *Tagged) column(line []byte) (blank bool, err error) {
	s := string(line)
	switch {
	case !utf8.ValidString(s):
		return false, ErrEncoding
	case strings.TrimSpace(s) == "":
		return true, nil
	}
	fields := strings.Split(s, "\t")
	if len(fields) < 2 {
		fields = strings.Fields(s)
	}
	if fields[0] == "-DOCSTART-" {
		return false, nil
	}
	if len(fields) < 2 {
		return false, fmt.Errorf("got one column, %.40q, want a word and a tag", s)
	}
	token, tag := strings.TrimSpace(fields[0]), strings.TrimSpace(fields[len(fields)-1])
	if token == "" {
		return false, fmt.Errorf("the word is empty: %w", ErrEmpty)
	}
	if err := checkTag(tag); err != nil {
		return false, err
	}
	t.Tokens, t.Tags = append(t.Tokens, token), append(t.Tags, tag)
	return false, nil
}
