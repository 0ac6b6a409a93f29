package checkpoint

import "bytes"

// skip takes a value of any kind in which objects and lists are at most depth levels deep.
func (s *scanner) skip(depth int) bool {
	switch c := s.next(); {
	case c == '{' || c == '[':
		if depth == 0 {
			return false
		}
		s.i++
		for first := true; ; first = false {
			more, ok := s.more(first, c+2) // the closing byte
			if !ok || !more {
				return ok
			}
			if c == '{' {
				if _, ok := s.text(); !ok || !s.take(':') {
					return false
				}
			}
			if !s.skip(depth - 1) {
				return false
			}
		}
	case c == '"':
		_, ok := s.text()
		return ok
	case c == '-' || c-'0' < 10:
		return s.number()
	}
	for _, word := range []string{"true", "false", "null"} {
		if bytes.HasPrefix(s.b[s.i:], []byte(word)) {
			s.i += len(word)
			return true
		}
	}
	return false
}

// number takes any JSON number.
func (s *scanner) number() bool {
	if s.next() == '-' {
		s.i++
	}
	start := s.i
	if n := s.digits(); n == 0 || n > 1 && s.b[start] == '0' {
		return false
	}
	if s.has(".") {
		s.i++
		if s.digits() == 0 {
			return false
		}
	}
	if s.has("eE") {
		s.i++
		if s.has("+-") {
			s.i++
		}
		return s.digits() > 0
	}
	return true
}

// digits takes decimal digits and returns how many.
func (s *scanner) digits() int {
	start := s.i
	for s.i < len(s.b) && s.b[s.i]-'0' < 10 {
		s.i++
	}
	return s.i - start
}

// has says whether the very next byte is one of set.
func (s *scanner) has(set string) bool {
	return s.i < len(s.b) && bytes.IndexByte([]byte(set), s.b[s.i]) >= 0
}
