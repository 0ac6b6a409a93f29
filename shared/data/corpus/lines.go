package corpus

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/fmkit/fmkit/shared/data"
)

// maxLine bounds a line of a source, in bytes.
const maxLine = 16 << 20

// open opens a file to read, unpacked where its name ends in .gz or .dz (gzip with a table that a reader may skip).
func (l location) open() (io.ReadCloser, error) {
	f, err := os.Open(l.real)
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	if !strings.HasSuffix(l.real, ".gz") && !strings.HasSuffix(l.real, ".dz") {
		return f, nil
	}
	z, err := gzip.NewReader(bufio.NewReaderSize(f, 256<<10))
	if err != nil {
		f.Close()
		return nil, &data.RowError{File: l.real, Err: err}
	}
	return &unpacked{z, f}, nil
}

type unpacked struct {
	*gzip.Reader
	f *os.File
}

func (u *unpacked) Close() error { return errors.Join(u.Reader.Close(), u.f.Close()) }

// eachLine gives the lines of a file without their ends, numbered from 1. A line that is not UTF-8 or too long is a *data.RowError.
func (l location) eachLine(one func(n int, line string) error) error {
	f, err := l.open()
	if err != nil {
		return err
	}
	defer f.Close()
	return scanLines(f, l.real, one)
}

func scanLines(r io.Reader, name string, one func(n int, line string) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), maxLine)
	n := 0
	for s.Scan() {
		n++
		line := s.Text()
		if n == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if !utf8.ValidString(line) {
			return &data.RowError{File: name, Line: n, Err: data.ErrEncoding}
		}
		if err := one(n, line); err != nil {
			return err
		}
	}
	if err := s.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = data.ErrTooLong
		}
		return &data.RowError{File: name, Line: n + 1, Err: err}
	}
	return nil
}
