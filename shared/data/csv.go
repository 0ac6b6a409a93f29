package data

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"unicode/utf8"
)

// ParseCSV streams labelled texts from r: a header line, then rows separated by comma (or a tab). Quoting follows RFC 4180,
// with quoted newlines and CRLF line ends; in tab-separated text a stray quote is an ordinary character. Columns beyond
// text and label are ignored, but every row must have as many fields as the header. name is used in errors.
func ParseCSV(r io.Reader, name string, comma rune, o LabelledOptions) iter.Seq2[Labelled, error] {
	o = o.filled()
	return func(yield func(Labelled, error) bool) {
		t, err := newTable(r, name, comma)
		if err != nil {
			yield(Labelled{}, err)
			return
		}
		cols, err := t.columns(o.Text, o.Label)
		if err != nil {
			yield(Labelled{}, err)
			return
		}
		rows := 0
		for {
			row, err := t.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				yield(Labelled{}, err)
				return
			}
			rows++
			got := Labelled{Text: row[cols[0]], Label: row[cols[1]]}
			if field, err := o.check(got); err != nil {
				line, _ := t.r.FieldPos(slices.Index(t.header, field))
				yield(Labelled{}, &RowError{File: name, Line: line, Field: field, Err: err})
				return
			}
			if !yield(got, nil) {
				return
			}
		}
		if rows == 0 {
			yield(Labelled{}, &RowError{File: name, Err: fmt.Errorf("a header and no rows: %w", ErrEmpty)})
		}
	}
}

// A table reads separated values with a header.
type table struct {
	r      *csv.Reader
	budget *budgetReader
	name   string
	header []string
}

func newTable(r io.Reader, name string, comma rune) (*table, error) {
	b := &budgetReader{r: skipBOM(r), left: maxRecord}
	t := &table{r: csv.NewReader(b), budget: b, name: name}
	t.r.Comma = comma
	t.r.LazyQuotes = comma == '\t'
	header, err := t.next()
	if errors.Is(err, io.EOF) {
		return nil, &RowError{File: name, Err: ErrEmpty}
	}
	t.header = header
	return t, err
}

// columns finds each named column in the header.
func (t *table) columns(names ...string) ([]int, error) {
	cols := make([]int, len(names))
	for i, n := range names {
		cols[i] = slices.Index(t.header, n)
		if cols[i] < 0 {
			return nil, &RowError{File: t.name, Line: 1, Field: n, Err: fmt.Errorf("no such column: header is %q", t.header)}
		}
		if slices.Contains(t.header[cols[i]+1:], n) {
			return nil, &RowError{File: t.name, Line: 1, Field: n, Err: fmt.Errorf("column occurs twice: header is %q", t.header)}
		}
	}
	return cols, nil
}

// next reads a row as wide as the header; io.EOF ends it.
func (t *table) next() ([]string, error) {
	t.budget.left = maxRecord
	row, err := t.r.Read()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	if err != nil {
		return nil, t.rowError(row, err)
	}
	for i, f := range row {
		if !utf8.ValidString(f) {
			line, _ := t.r.FieldPos(i)
			e := &RowError{File: t.name, Line: line, Err: ErrEncoding}
			if i < len(t.header) {
				e.Field = t.header[i]
			}
			return nil, e
		}
	}
	return row, nil
}

func (t *table) rowError(row []string, err error) error {
	e := &RowError{File: t.name, Err: err}
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return e
	}
	e.Line, e.Err = p.StartLine, p.Err
	if !errors.Is(p.Err, csv.ErrFieldCount) {
		return e
	}
	e.Err = fmt.Errorf("got %d fields, want %d", len(row), len(t.header))
	if len(row) < len(t.header) {
		e.Field = t.header[len(row)] // the first one missing
	}
	return e
}

// A budgetReader gives an error once a record has taken more bytes than it may, so that an unclosed quote can't pull a whole
// file into memory.
type budgetReader struct {
	r    io.Reader
	left int
}

func (b *budgetReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, ErrTooLong
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
