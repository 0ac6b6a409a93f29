package corpus

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
)

// readSQuAD reads passages: each context once, followed by the questions on it.
func readSQuAD(l location, give func(*document) error, dropped func(string)) error {
	var (
		d       *document
		context string
		spans   []span
	)
	flush := func() error {
		if d == nil {
			return nil
		}
		return give(d)
	}
	for q, err := range data.ReadSQuAD(l.real) {
		if err != nil {
			return err
		}
		if d == nil || q.Context != context {
			if err := flush(); err != nil {
				return err
			}
			d, context, spans = &document{}, q.Context, sentenceSpans(q.Context)
			for _, s := range spans {
				d.add(q.Context[s.start:s.end])
			}
		}
		id := d.add(q.Text)
		d.lines[id].aside = true
		if len(q.Answers) == 0 {
			continue
		}
		for i, s := range spans {
			if q.Answers[0].Start >= s.start && q.Answers[0].End <= s.end {
				d.pairs = append(d.pairs, pair{kind: kindQuestion, aLine: id, bLine: i, needs: -1})
			}
		}
	}
	return flush()
}

// readSciTLDR reads the abstracts of papers, and their titles where the file has them.
func readSciTLDR(l location, give func(*document) error, dropped func(string)) error {
	return l.eachObject(func(_ int, row map[string]json.RawMessage) (string, error) {
		list, err := stringsOf(row, "source")
		if err != nil {
			return "source", err
		}
		d := &document{}
		for _, s := range list {
			if strings.TrimSpace(s) != "" {
				d.add(s)
			}
		}
		if len(d.lines) == 0 {
			return "source", fmt.Errorf("source is empty: %w", data.ErrEmpty)
		}
		if title, err := stringsOf(row, "title"); err == nil && len(title) == 1 {
			d.pairs = append(d.pairs, pair{kind: kindTitle, a: title[0], aLine: -1, bLine: 0, needs: -1})
		}
		return "", give(d)
	})
}

// readJSONL reads {"text"} lines: a document each, whose lines are paragraphs.
func readJSONL(l location, give func(*document) error, dropped func(string)) error {
	return l.eachObject(func(_ int, row map[string]json.RawMessage) (string, error) {
		list, err := stringsOf(row, "text")
		if err != nil {
			return "text", err
		}
		d := &document{}
		for _, paragraph := range strings.Split(strings.Join(list, "\n"), "\n") {
			for _, s := range sentences(paragraph) {
				d.add(s)
			}
		}
		if len(d.lines) == 0 {
			return "", nil
		}
		return "", give(d)
	})
}

// eachObject gives the JSON object of every line that is not blank, with the line's number; one names the field that is wrong.
func (l location) eachObject(one func(n int, row map[string]json.RawMessage) (field string, err error)) error {
	rows := 0
	err := l.eachLine(func(n int, s string) error {
		if strings.TrimSpace(s) == "" {
			return nil
		}
		rows++
		var row map[string]json.RawMessage
		if err := json.Unmarshal([]byte(s), &row); err != nil {
			return &data.RowError{File: l.real, Line: n, Err: fmt.Errorf("want a JSON object: %w", err)}
		}
		field, err := one(n, row)
		if field != "" && err != nil {
			return &data.RowError{File: l.real, Line: n, Field: field, Err: err}
		}
		return err
	})
	if err == nil && rows == 0 {
		err = &data.RowError{File: l.real, Err: data.ErrEmpty}
	}
	return err
}

// stringsOf gives a string, or a list of strings, under a key.
func stringsOf(row map[string]json.RawMessage, key string) ([]string, error) {
	raw, ok := row[key]
	if !ok {
		return nil, fmt.Errorf("no such key")
	}
	var one *string
	if json.Unmarshal(raw, &one) == nil && one != nil {
		return []string{*one}, nil
	}
	var list []*string
	if err := json.Unmarshal(raw, &list); err != nil || list == nil {
		return nil, fmt.Errorf("want a string or a list of strings")
	}
	all := make([]string, len(list))
	for i, s := range list {
		if s == nil {
			return nil, fmt.Errorf("item %d is null, want a string", i)
		}
		all[i] = *s
	}
	return all, nil
}
