package tokenizer

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// A scanner walks JSON without building a tree, so that memory stays near the size of the file.
type scanner struct {
	data []byte
	pos  int
}

func (s *scanner) fail(what string) error {
	return errorf("JSON", ErrSyntax, "%s at byte %d", what, s.pos)
}

// peek skips white space and gives the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// raw passes over one value, checking its form, and gives its bytes.
func (s *scanner) raw(depth int) ([]byte, error) {
	c := s.peek()
	start := s.pos
	var err error
	switch {
	case c == '{' || c == '[':
		if depth >= maxDepth {
			return nil, errorf("JSON", ErrDepth, "got more than %d levels", maxDepth)
		}
		err = s.container(c, func([]byte) error {
			_, err := s.raw(depth + 1)
			return err
		})
	case c == '"':
		err = s.skipString()
	case c == '-' || c >= '0' && c <= '9':
		err = s.number()
	case c == 't':
		err = s.word("true")
	case c == 'f':
		err = s.word("false")
	case c == 'n':
		err = s.word("null")
	case c == 0 && s.pos >= len(s.data):
		err = s.fail("unexpected end")
	default:
		err = s.fail("unexpected character")
	}
	return s.data[start:s.pos], err
}

// container passes over an object or array; value must consume the value whose raw key (nil in an array) is given.
func (s *scanner) container(open byte, value func(key []byte) error) error {
	closing := byte(']')
	if open == '{' {
		closing = '}'
	}
	s.pos++
	if s.peek() == closing {
		s.pos++
		return nil
	}
	for {
		var key []byte
		if open == '{' {
			if s.peek() != '"' {
				return s.fail("want a key")
			}
			start := s.pos
			if err := s.skipString(); err != nil {
				return err
			}
			key = s.data[start:s.pos]
			if s.peek() != ':' {
				return s.fail("want a colon")
			}
			s.pos++
		}
		if err := value(key); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.pos++
		case closing:
			s.pos++
			return nil
		default:
			return s.fail("want a comma or the end of the list")
		}
	}
}

func (s *scanner) word(w string) error {
	if len(s.data)-s.pos < len(w) || string(s.data[s.pos:s.pos+len(w)]) != w {
		return s.fail("unexpected word")
	}
	s.pos += len(w)
	return nil
}

func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.data) && s.data[s.pos] >= '0' && s.data[s.pos] <= '9' {
		s.pos++
	}
	return s.pos > start
}

func (s *scanner) number() error {
	if s.data[s.pos] == '-' {
		s.pos++
	}
	start := s.pos
	if !s.digits() || s.data[start] == '0' && s.pos > start+1 {
		return s.fail("malformed number")
	}
	if s.pos < len(s.data) && s.data[s.pos] == '.' {
		s.pos++
		if !s.digits() {
			return s.fail("malformed number")
		}
	}
	if s.pos < len(s.data) && (s.data[s.pos] == 'e' || s.data[s.pos] == 'E') {
		s.pos++
		if s.pos < len(s.data) && (s.data[s.pos] == '+' || s.data[s.pos] == '-') {
			s.pos++
		}
		if !s.digits() {
			return s.fail("malformed number")
		}
	}
	return nil
}

// skipString passes over a string, checking its escapes.
func (s *scanner) skipString() error {
	s.pos++
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			return nil
		case c < ' ':
			return s.fail("control character in a string")
		case c == '\\':
			if s.pos+1 >= len(s.data) {
				return s.fail("unexpected end")
			}
			switch s.data[s.pos+1] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
				s.pos += 2
			case 'u':
				if _, ok := hex4(s.data[s.pos+2:]); !ok {
					return s.fail("malformed escape")
				}
				s.pos += 6
			default:
				return s.fail("unknown escape")
			}
		default:
			s.pos++
		}
	}
	return s.fail("string without end")
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// unquote gives the text of a raw string that skipString has passed over. A lone surrogate becomes U+FFFD.
func unquote(raw []byte) string {
	raw = raw[1 : len(raw)-1]
	i := 0
	for i < len(raw) && raw[i] != '\\' {
		i++
	}
	if i == len(raw) {
		return string(raw)
	}
	out := append(make([]byte, 0, len(raw)), raw[:i]...)
	for i < len(raw) {
		if raw[i] != '\\' {
			out = append(out, raw[i])
			i++
			continue
		}
		switch c := raw[i+1]; c {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, _ := hex4(raw[i+2:])
			if utf16.IsSurrogate(r) {
				low := rune(utf8.RuneError)
				if len(raw) >= i+12 && raw[i+6] == '\\' && raw[i+7] == 'u' {
					low, _ = hex4(raw[i+8:])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
			i += 4
		default:
			out = append(out, c)
		}
		i += 2
	}
	return string(out)
}

// elements calls f with the raw bytes of every element of an array.
func elements(path string, raw []byte, f func(i int, raw []byte) error) error {
	if len(raw) == 0 || raw[0] != '[' {
		return errorf(path, ErrField, "want an array")
	}
	s := scanner{data: raw}
	i := -1
	return s.container('[', func([]byte) error {
		v, err := s.raw(0)
		if err != nil {
			return err
		}
		i++
		return f(i, v)
	})
}

// members calls f with the key and raw value of every member of an object, in order, repeated keys included.
func members(path string, raw []byte, f func(key string, raw []byte) error) error {
	if len(raw) == 0 || raw[0] != '{' {
		return errorf(path, ErrField, "want an object")
	}
	s := scanner{data: raw}
	return s.container('{', func(key []byte) error {
		v, err := s.raw(0)
		if err != nil {
			return err
		}
		return f(unquote(key), v)
	})
}

// integer reads a plain integer literal.
func integer(raw []byte) (int64, bool) {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	return n, err == nil
}
