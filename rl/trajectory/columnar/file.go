package columnar

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"sync"
)

// A File is an open Parquet file.
type File struct {
	r      io.ReaderAt
	limits Limits
	footer *footer

	mu    sync.Mutex
	pages map[[2]int]*pages // by row group and leaf, as they become known
}

var magic = "PAR1"

// Open reads the footer of the file of size bytes behind r, which has to be safe for concurrent use.
func Open(r io.ReaderAt, size int64, l Limits) (*File, error) {
	f := &File{r: r, limits: l.defaults(), pages: map[[2]int]*pages{}}
	err := guard(func() error { return f.open(size) })
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (f *File) open(size int64) error {
	var ends [8]byte
	if size < 12 {
		return malformed("got %d bytes", size)
	}
	if _, err := f.r.ReadAt(ends[:4], 0); err != nil {
		return fmt.Errorf("columnar: %w", err)
	}
	if string(ends[:4]) != magic {
		return malformed("got %q in front, want %q", ends[:4], magic)
	}
	if _, err := f.r.ReadAt(ends[:], size-8); err != nil && err != io.EOF {
		return fmt.Errorf("columnar: %w", err)
	}
	if string(ends[4:]) != magic {
		return malformed("got %q at the end, want %q", ends[4:], magic)
	}
	n := int64(binary.LittleEndian.Uint32(ends[:4]))
	if n > size-12 {
		return malformed("got a footer of %d bytes in a file of %d", n, size)
	}
	if n > int64(f.limits.Footer) {
		return beyond("got a footer of %d bytes, want at most %d", n, f.limits.Footer)
	}
	b := make([]byte, n)
	if _, err := f.r.ReadAt(b, size-8-n); err != nil && err != io.EOF {
		return fmt.Errorf("columnar: %w", err)
	}
	var err error
	if f.footer, err = readFooter(b, f.limits); err != nil {
		return err
	}
	for _, g := range f.footer.groups {
		for i, c := range g.chunks {
			start := c.start()
			if start < 4 || c.size < 0 || c.size > size || start > size-c.size {
				return malformed("column %s: got %d bytes at byte %d of a file of %d", f.footer.columns[i], c.size, start, size)
			}
		}
	}
	return nil
}

// start is where the first page begins.
func (c chunk) start() int64 {
	if c.dictionary > 0 && c.dictionary < c.data {
		return c.dictionary
	}
	return c.data
}

// Rows is the number of rows.
func (f *File) Rows() int64 { return f.footer.rows }

// Columns are the columns. The caller doesn't change them.
func (f *File) Columns() []Column { return f.footer.columns }

// Metadata is a value of the file's own metadata.
func (f *File) Metadata(key string) (string, bool) {
	v, ok := f.footer.metadata[key]
	return v, ok
}

// Column finds the one column whose path begins with these names; ErrColumn means that there is none, or more than one.
func (f *File) Column(path ...string) (Column, error) {
	found := f.under(path)
	if len(found) != 1 {
		return Column{}, fmt.Errorf("%w: %v: got %d of that name, want 1", ErrColumn, path, len(found))
	}
	return found[0], nil
}

// Has tells whether there are columns whose paths begin with these names.
func (f *File) Has(path ...string) bool { return len(f.under(path)) > 0 }

func (f *File) under(path []string) []Column {
	var found []Column
	for _, c := range f.footer.columns {
		if len(c.Path) >= len(path) && slices.Equal(c.Path[:len(path)], path) {
			found = append(found, c)
		}
	}
	return found
}
