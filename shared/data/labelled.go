package data

import (
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Labelled is one text with its class.
type Labelled struct{ Text, Label string }

// LabelledOptions says where text and label are. Zero values mean the defaults.
type LabelledOptions struct {
	Text   string   // column or key of the text, default "text"
	Label  string   // column or key of the label, default "label"
	Labels []string // the labels allowed; nil allows any
	Many   bool     // a label is any number of them: in JSON a list, else joined by "|" (SplitLabels)
	Number bool     // a label is a finite number
}

// labelSeparator stands between the labels of a text that has many.
const labelSeparator = "|"

// SplitLabels gives the labels of a text that may have many, sorted, each once; none of an empty one.
func SplitLabels(label string) []string {
	var all []string
	for l := range strings.SplitSeq(label, labelSeparator) {
		if l = strings.TrimSpace(l); l != "" {
			all = append(all, l)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (o LabelledOptions) filled() LabelledOptions {
	if o.Text == "" {
		o.Text = "text"
	}
	if o.Label == "" {
		o.Label = "label"
	}
	return o
}

// check reports what is wrong with a record, and with which field.
func (o LabelledOptions) check(r Labelled) (field string, err error) {
	switch {
	case strings.TrimSpace(r.Text) == "":
		return o.Text, fmt.Errorf("text is empty: %w", ErrEmpty)
	case o.Many:
		for _, l := range SplitLabels(r.Label) {
			if o.Labels != nil && !slices.Contains(o.Labels, l) {
				return o.Label, fmt.Errorf("%w: got %q, want one of %d labels", ErrUnknown, l, len(o.Labels))
			}
		}
	case o.Number:
		if v, err := strconv.ParseFloat(strings.TrimSpace(r.Label), 64); err != nil || math.IsNaN(v) || math.Abs(v) > math.MaxFloat32 {
			return o.Label, fmt.Errorf("got %.40q, want a finite number", r.Label)
		}
	case strings.TrimSpace(r.Label) == "":
		return o.Label, fmt.Errorf("label is empty: %w", ErrEmpty)
	case o.Labels != nil && !slices.Contains(o.Labels, r.Label):
		return o.Label, fmt.Errorf("%w: got %q, want one of %d labels", ErrUnknown, r.Label, len(o.Labels))
	}
	return "", nil
}

// ReadLabelled streams the labelled texts of a file: CSV (.csv), tab-separated (.tsv) or one JSON object a line (.jsonl,
// .ndjson). The first error ends the stream: a *RowError for a bad row, one that wraps ErrEmpty for a file with no rows.
func ReadLabelled(path string, o LabelledOptions) iter.Seq2[Labelled, error] {
	return readFile(path, func(r io.Reader) iter.Seq2[Labelled, error] {
		switch ext := strings.ToLower(filepath.Ext(path)); ext {
		case ".csv":
			return ParseCSV(r, path, ',', o)
		case ".tsv":
			return ParseCSV(r, path, '\t', o)
		case ".jsonl", ".ndjson":
			return ParseJSONL(r, path, o)
		default:
			return failed[Labelled](fmt.Errorf("data: %s: extension %q, want .csv, .tsv or .jsonl", path, ext))
		}
	})
}

// Collect reads a stream into memory and stops at its first error.
func Collect[T any](s iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for v, err := range s {
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// readFile opens path for the length of one iteration.
func readFile[T any](path string, parse func(io.Reader) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		f, err := openData(path)
		if err != nil {
			yield(zero, err)
			return
		}
		defer f.Close()
		parse(f)(yield)
	}
}

// openData opens a regular file to read.
func openData(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("data: %s is a folder, want a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	return f, nil
}

// failed is a stream of one error.
func failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		yield(zero, err)
	}
}
