package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strings"
)

// A Passage is a text to be found.
type Passage struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// A Query is a text to find passages with, and the identifiers of those that answer it.
type Query struct {
	Text string   `json:"query"`
	IDs  []string `json:"ids"`
}

// ReadPassages streams the passages of a file, one object {"id", "text"} a line; an id may also be a number. The first error ends the stream: a *RowError for a bad
// row or an id that occurs twice, one that wraps ErrEmpty for a file with no rows.
func ReadPassages(path string) iter.Seq2[Passage, error] {
	return readLines(path, ParsePassages)
}

// ParsePassages is ReadPassages from r; name is used in errors.
func ParsePassages(r io.Reader, name string) iter.Seq2[Passage, error] {
	return func(yield func(Passage, error) bool) {
		seen := map[string]bool{}
		parseLines(r, name, func(obj map[string]json.RawMessage) (p Passage, field string, err error) {
			if p.ID, err = scalarField(obj, "id"); err == nil {
				switch {
				case p.ID == "":
					err = ErrEmpty
				case seen[p.ID]:
					err = fmt.Errorf("%.80q occurs twice", p.ID)
				}
			}
			if err != nil {
				return p, "id", err
			}
			seen[p.ID] = true
			if p.Text, err = stringField(obj, "text"); err == nil && strings.TrimSpace(p.Text) == "" {
				err = ErrEmpty
			}
			return p, "text", err
		})(yield)
	}
}

// ReadQueries streams the queries of a file, one object {"query", "ids"} a line, as ReadPassages does.
func ReadQueries(path string) iter.Seq2[Query, error] {
	return readLines(path, ParseQueries)
}

// ParseQueries is ReadQueries from r; name is used in errors.
func ParseQueries(r io.Reader, name string) iter.Seq2[Query, error] {
	return parseLines(r, name, func(obj map[string]json.RawMessage) (q Query, field string, err error) {
		if q.Text, err = stringField(obj, "query"); err == nil && strings.TrimSpace(q.Text) == "" {
			err = ErrEmpty
		}
		if err != nil {
			return q, "query", err
		}
		var raw []json.RawMessage
		if err := json.Unmarshal(obj["ids"], &raw); err != nil || len(raw) == 0 {
			return q, "ids", errors.New("want a list of identifiers, one at least")
		}
		for _, r := range raw {
			id, err := scalarField(map[string]json.RawMessage{"": r}, "")
			if err != nil {
				return q, "ids", err
			}
			q.IDs = append(q.IDs, id)
		}
		return q, "", nil
	})
}

// readLines reads a file of one object a line.
func readLines[T any](path string, parse func(io.Reader, string) iter.Seq2[T, error]) iter.Seq2[T, error] {
	if ext := strings.ToLower(filepath.Ext(path)); ext != ".jsonl" && ext != ".ndjson" {
		return failed[T](fmt.Errorf("data: %s: extension %q, want .jsonl", path, ext))
	}
	return readFile(path, func(r io.Reader) iter.Seq2[T, error] { return parse(r, path) })
}
