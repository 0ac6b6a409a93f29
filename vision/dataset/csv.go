package dataset

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fmkit/fmkit/shared/data"
)

// csvColumns are the columns that a manifest may have, the first two always.
var csvColumns = []string{"path", "label", "mask", "template", "group", "split"}

// parseCSV streams the rows of a CSV manifest: a header of some of csvColumns in any order, then one picture a row. A column of
// another name is an error, as it may be a misspelt one. name is used in errors.
func parseCSV(r io.Reader, name string) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		in := &recordReader{r: skipBOM(r), left: maxRecord}
		c := csv.NewReader(in)
		c.ReuseRecord = true
		columns, err := csvHeader(c, name)
		if err != nil {
			yield(row{}, err)
			return
		}
		n := 0
		for ; ; n++ {
			in.left = maxRecord
			fields, err := c.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				yield(row{}, csvError(name, err))
				return
			}
			got, err := csvRow(c, name, columns, fields)
			if !yield(got, err) || err != nil {
				return
			}
		}
		if n == 0 {
			yield(row{}, &data.RowError{File: name, Err: fmt.Errorf("a header and no rows: %w", data.ErrEmpty)})
		}
	}
}

// csvHeader reads the header and checks its names.
func csvHeader(c *csv.Reader, name string) ([]string, error) {
	header, err := c.Read()
	if errors.Is(err, io.EOF) {
		return nil, &data.RowError{File: name, Err: data.ErrEmpty}
	}
	if err != nil {
		return nil, csvError(name, err)
	}
	for i, h := range header {
		if !slices.Contains(csvColumns, h) || slices.Contains(header[:i], h) {
			return nil, &data.RowError{File: name, Line: 1, Field: strings.ToValidUTF8(h, "?"), Err: fmt.Errorf("%w: want each column once, out of %s", ErrField, strings.Join(csvColumns, ", "))}
		}
	}
	for _, h := range csvColumns[:2] {
		if !slices.Contains(header, h) {
			return nil, &data.RowError{File: name, Line: 1, Field: h, Err: fmt.Errorf("%w: no such column: header is %q", ErrField, header)}
		}
	}
	return slices.Clone(header), nil
}

func csvRow(c *csv.Reader, name string, columns, fields []string) (row, error) {
	var r row
	r.line, _ = c.FieldPos(0)
	for i, f := range fields {
		if !utf8.ValidString(f) {
			line, _ := c.FieldPos(i)
			return r, &data.RowError{File: name, Line: line, Field: columns[i], Err: data.ErrEncoding}
		}
		f = strings.Clone(f) // the fields of a record share one string
		switch columns[i] {
		case "path":
			r.Path = f
		case "label":
			r.Label = f
		case "mask":
			r.Mask = f
		case "template":
			r.Template = f
		case "group":
			r.Group = f
		case "split":
			r.Split = f
		}
	}
	if field, err := r.check(); err != nil {
		line, _ := c.FieldPos(slices.Index(columns, field))
		return r, &data.RowError{File: name, Line: line, Field: field, Err: err}
	}
	return r, nil
}

// csvError puts the line of a csv.ParseError where a RowError has it.
func csvError(name string, err error) error {
	if p := (*csv.ParseError)(nil); errors.As(err, &p) {
		return &data.RowError{File: name, Line: p.StartLine, Err: p.Err}
	}
	return &data.RowError{File: name, Err: err}
}
