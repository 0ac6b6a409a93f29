package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"
)

// A Document is a text with what is known of it, to score what is found in it. What is nil isn't known.
type Document struct {
	Text     string
	Type     string              // empty: not known
	Entities []DocumentEntity    // nil: not known; empty: there are none
	Targets  []string            // summaries, any of which will do
	Answers  map[string][]string // accepted answers by question; no answers: the text has none
}

// A DocumentEntity is a part of a document's text, in code points.
type DocumentEntity struct {
	Group      string
	Start, End int
}

// ReadDocuments streams the documents of a file, one object {"text", "type", "entities": [{"entity_group", "start", "end"}], "summary", "answers": {question: [text, ...]}} a line; all
// but the text is optional, and a summary is a text or a list of them. The first error ends the stream: a *RowError for a bad row, one that wraps ErrEmpty for a file with no rows.
func ReadDocuments(path string) iter.Seq2[Document, error] { return readLines(path, ParseDocuments) }

// ParseDocuments is ReadDocuments from r; name is used in errors.
func ParseDocuments(r io.Reader, name string) iter.Seq2[Document, error] {
	return parseLines(r, name, func(obj map[string]json.RawMessage) (d Document, field string, err error) {
		if d.Text, err = stringField(obj, "text"); err == nil && strings.TrimSpace(d.Text) == "" {
			err = ErrEmpty
		}
		if err != nil {
			return d, "text", err
		}
		for _, f := range []struct {
			name string
			read func(raw json.RawMessage) error
		}{
			{"type", func(raw json.RawMessage) error { return json.Unmarshal(raw, &d.Type) }},
			{"entities", d.readEntities},
			{"summary", d.readTargets},
			{"answers", func(raw json.RawMessage) error { return json.Unmarshal(raw, &d.Answers) }},
		} {
			if raw, ok := obj[f.name]; ok {
				if err := f.read(raw); err != nil {
					return d, f.name, err
				}
			}
		}
		return d, "", nil
	})
}

func (d *Document) readEntities(raw json.RawMessage) error {
	var all []struct {
		Group string `json:"entity_group"`
		Start int    `json:"start"`
		End   int    `json:"end"`
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	n := utf8.RuneCountInString(d.Text)
	d.Entities = make([]DocumentEntity, 0, len(all))
	for i, e := range all {
		if e.Group == "" || e.Start < 0 || e.End <= e.Start || e.End > n {
			return fmt.Errorf("entity %d: got %.40q from %d to %d, want a group and a part of the text's %d characters", i, e.Group, e.Start, e.End, n)
		}
		d.Entities = append(d.Entities, DocumentEntity(e))
	}
	return nil
}

func (d *Document) readTargets(raw json.RawMessage) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		d.Targets = []string{one}
	} else if err := json.Unmarshal(raw, &d.Targets); err != nil {
		return err
	}
	if len(d.Targets) == 0 {
		return errors.New("want a text or a list of texts")
	}
	return nil
}
