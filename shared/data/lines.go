package data

import (
	"bufio"
	"errors"
	"io"
)

// maxRecord bounds one record of labelled data, in bytes: a longer one is almost always an unclosed quote or a missing newline.
const maxRecord = 16 << 20

// A lineReader splits its input at newlines, drops a byte-order mark and carriage returns before newlines, and never holds
// more than max bytes of a line.
type lineReader struct {
	r    *bufio.Reader
	max  int
	line int // 1-based number of the line last returned
	buf  []byte
}

func newLineReader(r io.Reader, limit int) *lineReader {
	return &lineReader{r: skipBOM(r), max: limit}
}

// skipBOM wraps r and drops a leading UTF-8 byte-order mark.
func skipBOM(r io.Reader) *bufio.Reader {
	b := bufio.NewReaderSize(r, 64<<10)
	if p, err := b.Peek(3); err == nil && string(p) == "\xef\xbb\xbf" {
		_, _ = b.Discard(3)
	}
	return b
}

// next returns the next line without its line end, valid until the next call. A line of more than max bytes is consumed and
// reported as ErrTooLong; reading may go on after it. The end is io.EOF.
func (l *lineReader) next() ([]byte, error) {
	l.buf = l.buf[:0]
	long := false
	for first := true; ; first = false {
		part, err := l.r.ReadSlice('\n')
		if first {
			if len(part) == 0 && err != nil {
				return nil, err
			}
			l.line++
		}
		if !long {
			l.buf = append(l.buf, part...)
			long = len(l.buf) > l.max+2 // the line end may take two
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if long {
			l.buf = nil // don't keep the large buffer
			return nil, ErrTooLong
		}
		line := l.buf
		if n := len(line); n > 0 && line[n-1] == '\n' {
			line = line[:n-1]
			if n > 1 && line[n-2] == '\r' {
				line = line[:n-2]
			}
		}
		if len(line) > l.max {
			return nil, ErrTooLong
		}
		return line, nil
	}
}
