package tokenizer

import (
	"slices"
	"unicode/utf8"
)

// A piece of text on its way through normalisation: UTF-8, and for every byte where it comes from in the caller's text. When starts is nil the
// bytes are those of the caller's text from base on. Bytes of one code point have one span.
type aligned struct {
	b            []byte
	starts, ends []int32
	base         int
}

func (a *aligned) reset(track bool) {
	a.b, a.base = a.b[:0], 0
	a.starts, a.ends = a.starts[:0], a.ends[:0]
	if track && a.starts == nil {
		a.starts, a.ends = make([]int32, 0, 256), make([]int32, 0, 256)
	}
}

// slice gives bytes [i, j), sharing memory.
func (a *aligned) slice(i, j int) aligned {
	s := aligned{b: a.b[i:j], base: a.base + i}
	if a.starts != nil {
		s.starts, s.ends = a.starts[i:j], a.ends[i:j]
	}
	return s
}

// at gives the span in the caller's text of bytes [i, j), widened to whole code points.
func (a *aligned) at(i, j int) Span {
	if a.starts != nil {
		return Span{int(a.starts[i]), int(a.ends[j-1])}
	}
	for i > 0 && !utf8.RuneStart(a.b[i]) {
		i--
	}
	for j < len(a.b) && !utf8.RuneStart(a.b[j]) {
		j++
	}
	return Span{a.base + i, a.base + j}
}

// span gives the span in the caller's text of the code point of n bytes at i.
func (a *aligned) span(i, n int) (int32, int32) {
	if a.starts != nil {
		return a.starts[i], a.ends[i]
	}
	return int32(a.base + i), int32(a.base + i + n)
}

// add appends a code point that comes from [start, end).
func (a *aligned) add(r rune, start, end int32, track bool) {
	n := len(a.b)
	a.b = utf8.AppendRune(a.b, r)
	if track {
		for range len(a.b) - n {
			a.starts = append(a.starts, start)
			a.ends = append(a.ends, end)
		}
	}
}

// repair copies text with every byte that isn't part of a valid encoding replaced by U+FFFD.
func (a *aligned) repair(text []byte, track bool) {
	a.reset(track)
	a.b = slices.Grow(a.b, len(text))
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		a.add(r, int32(i), int32(i+n), track)
		i += n
	}
	if !track {
		a.starts, a.ends = nil, nil
	}
}
