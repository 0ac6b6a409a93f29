package data

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"
)

// ParseJSONL streams labelled texts from r: one object a line with a text and a label, which may also be a number or a truth
// value; other keys are ignored, blank lines skipped. name is used in errors.
func ParseJSONL(r io.Reader, name string, o LabelledOptions) iter.Seq2[Labelled, error] {
	o = o.filled()
	return parseLines(r, name, func(obj map[string]json.RawMessage) (rec Labelled, field string, err error) {
		if rec.Text, err = stringField(obj, o.Text); err != nil {
			return rec, o.Text, err
		}
		if rec.Label, err = o.labelField(obj); err != nil {
			return rec, o.Label, err
		}
		field, err = o.check(rec)
		return rec, field, err
	})
}

// labelField gives the label of a record, or the labels joined.
func (o LabelledOptions) labelField(obj map[string]json.RawMessage) (string, error) {
	if !o.Many {
		return scalarField(obj, o.Label)
	}
	list, one, err := listField(obj, o.Label)
	if err != nil || one {
		return strings.Join(list, ""), err
	}
	for _, l := range list {
		if l == "" || strings.Contains(l, labelSeparator) {
			return "", fmt.Errorf("label %.40q: want one that isn't empty and has no %q in it", l, labelSeparator)
		}
	}
	return strings.Join(list, labelSeparator), nil
}

// parseLines streams one record for every line that holds a JSON object.
func parseLines[T any](r io.Reader, name string, one func(map[string]json.RawMessage) (T, string, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		l := newLineReader(r, maxRecord)
		rows := 0
		for {
			line, err := l.next()
			if errors.Is(err, io.EOF) {
				break
			}
			var rec T
			var field string
			if err == nil {
				if len(bytes.TrimSpace(line)) == 0 {
					continue
				}
				rows++
				rec, field, err = decodeLine(line, one)
			}
			if err != nil {
				yield(zero, &RowError{File: name, Line: l.line, Field: field, Err: err})
				return
			}
			if !yield(rec, nil) {
				return
			}
		}
		if rows == 0 {
			yield(zero, &RowError{File: name, Err: ErrEmpty})
		}
	}
}

func decodeLine[T any](line []byte, one func(map[string]json.RawMessage) (T, string, error)) (rec T, field string, err error) {
	if !utf8.Valid(line) {
		return rec, "", ErrEncoding
	}
	var obj map[string]json.RawMessage
	if err := json.Unmarshal(line, &obj); err != nil {
		return rec, "", fmt.Errorf("want a JSON object: %w", err)
	}
	if obj == nil {
		return rec, "", errors.New("got null, want a JSON object")
	}
	return one(obj)
}

func stringField(obj map[string]json.RawMessage, key string) (string, error) {
	raw, ok := obj[key]
	if !ok {
		return "", errors.New("no such key")
	}
	var s *string
	if err := json.Unmarshal(raw, &s); err != nil || s == nil {
		return "", fmt.Errorf("got %s, want a string", shorten(raw))
	}
	return *s, nil
}

// scalarField accepts a string, a number or a truth value, as its text.
func scalarField(obj map[string]json.RawMessage, key string) (string, error) {
	raw, ok := obj[key]
	if ok && len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9' || raw[0] == 't' || raw[0] == 'f') {
		return string(raw), nil
	}
	return stringField(obj, key)
}

// listField accepts a string or a list of strings; one is true for a plain string.
func listField(obj map[string]json.RawMessage, key string) (list []string, one bool, err error) {
	raw, ok := obj[key]
	if !ok {
		return nil, false, errors.New("no such key")
	}
	if len(raw) > 0 && raw[0] == '"' {
		s, err := stringField(obj, key)
		return []string{s}, true, err
	}
	var ptrs []*string
	if err := json.Unmarshal(raw, &ptrs); err != nil || ptrs == nil {
		return nil, false, fmt.Errorf("got %s, want a string or a list of strings", shorten(raw))
	}
	for i, p := range ptrs {
		if p == nil {
			return nil, false, fmt.Errorf("item %d is null, want a string", i)
		}
		list = append(list, *p)
	}
	return list, false, nil
}

// shorten keeps a value that goes into an error short.
func shorten(raw []byte) string {
	if len(raw) > 40 {
		return string(bytes.ToValidUTF8(raw[:40], nil)) + "..."
	}
	return string(raw)
}
