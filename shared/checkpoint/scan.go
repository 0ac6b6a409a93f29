package checkpoint

import (
	"bytes"
	"math"
	"unicode/utf8"
)

// A scanner walks JSON text without building anything. It takes what a safetensors header may contain, objects, strings and lists
// of plain non-negative integers, and passes over anything else (skip.go).
type scanner struct {
	b []byte
	i int
}

// space skips white space.
func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return
		}
	}
}

// next returns the next byte after white space, or 0 at the end, without taking it.
func (s *scanner) next() byte {
	s.space()
	if s.i == len(s.b) {
		return 0
	}
	return s.b[s.i]
}

// take skips white space and takes c if it comes next.
func (s *scanner) take(c byte) bool {
	if s.next() != c || s.i == len(s.b) {
		return false
	}
	s.i++
	return true
}

// more is called at the start of a list or object and after each of its elements. It reports whether
// another element follows and takes the comma or the closing byte. ok is false on a syntax error.
func (s *scanner) more(first bool, closing byte) (more, ok bool) {
	if s.take(closing) {
		return false, true
	}
	if first {
		return true, true
	}
	return true, s.take(',') && s.next() != closing
}

// text takes a string and returns its position between the quotes. It is valid JSON, still escaped.
func (s *scanner) text() (raw span, ok bool) {
	if !s.take('"') {
		return span{}, false
	}
	start := s.i
	for s.i < len(s.b) {
		c := s.b[s.i]
		switch {
		case c == '"':
			s.i++
			return span{uint32(start), uint32(s.i - 1 - start)}, true
		case c < ' ':
			return span{}, false
		case c == '\\':
			_, n := escape(s.b[s.i:])
			if n == 0 {
				return span{}, false
			}
			s.i += n
		default:
			s.i++
		}
	}
	return span{}, false
}

// integer takes a plain non-negative integer. bad means it is something else, over that it exceeds 63 bits.
func (s *scanner) integer() (v int64, over, bad bool) {
	s.space()
	start := s.i
	for ; s.i < len(s.b) && s.b[s.i]-'0' < 10; s.i++ {
		d := int64(s.b[s.i] - '0')
		if v > (math.MaxInt64-d)/10 {
			over = true
		}
		v = v*10 + d
	}
	n := s.i - start
	if n == 0 || n > 1 && s.b[start] == '0' || s.i < len(s.b) && bytes.IndexByte([]byte(".eE+-"), s.b[s.i]) >= 0 {
		return 0, false, true
	}
	return v, over, false
}

// A span is a piece of the header. Headers are shorter than 4 GiB.
type span struct{ at, n uint32 }

func (p span) of(b []byte) []byte { return b[p.at : p.at+p.n] }

// escape decodes the escape sequence at the start of b, which begins with a backslash, and returns
// the character and the length of the sequence, 0 if it is invalid. A lone surrogate is invalid.
func escape(b []byte) (r rune, n int) {
	if len(b) < 2 {
		return 0, 0
	}
	switch b[1] {
	case '"', '\\', '/':
		return rune(b[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		r, ok := hex4(b[2:])
		switch {
		case !ok || r >= 0xdc00 && r < 0xe000:
			return 0, 0
		case r < 0xd800 || r >= 0xe000:
			return r, 6
		}
		if len(b) < 12 || b[6] != '\\' || b[7] != 'u' {
			return 0, 0
		}
		low, ok := hex4(b[8:])
		if !ok || low < 0xdc00 || low >= 0xe000 {
			return 0, 0
		}
		return 0x10000 + (r-0xd800)<<10 + (low - 0xdc00), 12
	}
	return 0, 0
}

// hex4 reads four hexadecimal digits.
func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// unescape writes the characters of the valid JSON string body raw to dst and returns how many bytes they take.
// dst may be raw itself: characters are never longer than their escapes. It stops when dst is full.
func unescape(dst, raw []byte) int {
	n := 0
	var enc [utf8.UTFMax]byte
	for len(raw) > 0 && n < len(dst) {
		if raw[0] != '\\' {
			dst[n] = raw[0]
			n, raw = n+1, raw[1:]
			continue
		}
		r, size := escape(raw)
		raw = raw[size:]
		n += copy(dst[n:], enc[:utf8.EncodeRune(enc[:], r)])
	}
	return n
}
