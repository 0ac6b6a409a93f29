package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// An objectReader walks a large JSON file key by key and knows the line it is at.
type objectReader struct {
	dec  *json.Decoder
	src  *checkedReader
	name string
}

func newObjectReader(r io.Reader, name string) *objectReader {
	src := &checkedReader{r: skipBOM(r)}
	return &objectReader{dec: json.NewDecoder(src), src: src, name: name}
}

// object calls each for every key of the object that comes next; each must read the value.
func (p *objectReader) object(each func(key string) error) error {
	if err := p.delim('{'); err != nil {
		return err
	}
	for p.dec.More() {
		t, err := p.dec.Token()
		if err != nil {
			return p.errorAt("", err)
		}
		key, ok := t.(string)
		if !ok {
			return p.errorAt("", fmt.Errorf("got %v, want a key", t))
		}
		if err := each(key); err != nil {
			return err
		}
	}
	return p.delim('}')
}

// array calls each for every item of the array that comes next; each must read the item.
func (p *objectReader) array(each func() error) error {
	if err := p.delim('['); err != nil {
		return err
	}
	for p.dec.More() {
		if err := each(); err != nil {
			return err
		}
	}
	return p.delim(']')
}

func (p *objectReader) delim(want json.Delim) error {
	t, err := p.dec.Token()
	if err != nil {
		return p.errorAt("", err)
	}
	if t != want {
		return p.errorAt("", fmt.Errorf("got %v, want %v", t, want))
	}
	return nil
}

// decode reads the next value into v.
func (p *objectReader) decode(v any) error {
	if err := p.dec.Decode(v); err != nil {
		return p.errorAt("", err)
	}
	p.src.line(p.dec.InputOffset()) // forgets the lines passed
	return nil
}

// skip passes over the next value.
func (p *objectReader) skip() error {
	var raw json.RawMessage
	return p.decode(&raw)
}

// end checks that nothing follows.
func (p *objectReader) end() error {
	if t, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		if err != nil {
			return p.errorAt("", err)
		}
		return p.errorAt("", fmt.Errorf("got %v after the end", t))
	}
	return nil
}

func (p *objectReader) errorAt(field string, err error) error {
	var row *RowError
	if errors.As(err, &row) {
		return err
	}
	if p.src.bad > 0 {
		return &RowError{File: p.name, Line: p.src.bad, Err: ErrEncoding}
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
		if p.dec.InputOffset() == 0 {
			err = ErrEmpty
		}
	}
	return &RowError{File: p.name, Line: p.src.line(p.dec.InputOffset()), Field: field, Err: err}
}

// A checkedReader passes bytes on, refuses invalid UTF-8, and remembers where lines begin.
type checkedReader struct {
	r      io.Reader
	offset int64
	passed int     // newlines at or before the last position asked for
	ahead  []int64 // offsets of later newlines: bounded by what the decoder holds
	part   []byte  // an unfinished character at the end of the last read
	bad    int     // 1-based line of the first invalid byte
}

func (c *checkedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	for i, b := range p[:n] {
		if b == '\n' {
			c.ahead = append(c.ahead, c.offset+int64(i))
		}
	}
	c.offset += int64(n)
	rest := append(c.part, p[:n]...)
	for len(rest) > 0 {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size <= 1 {
			if !utf8.FullRune(rest) && !errors.Is(err, io.EOF) {
				break
			}
			c.bad = c.line(c.offset - int64(len(rest)))
			return 0, ErrEncoding
		}
		rest = rest[size:]
	}
	c.part = append([]byte(nil), rest...)
	if errors.Is(err, io.EOF) && len(c.part) > 0 {
		c.bad = c.line(c.offset)
		return 0, ErrEncoding
	}
	return n, err
}

// line gives the 1-based line of a byte offset; offsets must not fall.
func (c *checkedReader) line(offset int64) int {
	for len(c.ahead) > 0 && c.ahead[0] < offset {
		c.ahead = c.ahead[1:]
		c.passed++
	}
	return c.passed + 1
}
