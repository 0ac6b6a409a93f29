package tokenizer

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"
)

// apply normalises src into one of the two buffers of s and gives the result.
func (n *normalizer) apply(s *scratch, src aligned, track bool) aligned {
	if n.kind == "Sequence" {
		for _, item := range n.items {
			src = item.apply(s, src, track)
		}
		return src
	}
	switch n.kind {
	case "Strip":
		return n.trim(src)
	case "NFC", "NFD", "NFKC", "NFKD":
		if formOf(n.kind).QuickSpan(src.b) == len(src.b) { // most texts
			return src
		}
	}
	s.flip = !s.flip
	dst := &s.even
	if s.flip {
		dst = &s.odd
	}
	dst.reset(track)
	switch n.kind {
	case "BertNormalizer":
		n.bert(dst, &src, track)
	case "Lowercase":
		s.each(dst, &src, track, appendLower)
	case "StripAccents":
		s.each(dst, &src, track, func(dst []rune, r rune) []rune {
			if class(r)&isAccent != 0 {
				return dst
			}
			return append(dst, r)
		})
	case "Prepend":
		n.prepend(dst, &src, track)
	case "Replace":
		n.replace(dst, &src, track)
	default:
		s.forms.normalize(dst, &src, n.kind, track)
	}
	out := *dst
	if !track {
		out.starts, out.ends = nil, nil
	}
	return out
}

// each maps code points one by one.
func (s *scratch) each(dst, src *aligned, track bool, f func([]rune, rune) []rune) {
	for i := 0; i < len(src.b); {
		r, n := utf8.DecodeRune(src.b[i:])
		start, end := src.span(i, n)
		for _, r := range f(s.runes[:0], r) {
			dst.add(r, start, end, track)
		}
		i += n
	}
}

// appendLower appends the lower case of r, without regard to its neighbours: the one code point that becomes two is the dotted capital I.
func appendLower(dst []rune, r rune) []rune {
	if r == 'İ' {
		return append(dst, 'i', '\u0307')
	}
	if r < utf8.RuneSelf || class(r)&hasLower != 0 {
		r = toLower(r)
	}
	return append(dst, r)
}

// trim takes white space off the ends of src.
func (n *normalizer) trim(src aligned) aligned {
	i, j := 0, len(src.b)
	if n.left {
		i = j - len(bytes.TrimLeftFunc(src.b, unicode.IsSpace))
	}
	if n.right {
		j = i + len(bytes.TrimRightFunc(src.b[i:], unicode.IsSpace))
	}
	return src.slice(i, j)
}

// prepend puts content before a text that is not empty. It comes from where the first character does.
func (n *normalizer) prepend(dst, src *aligned, track bool) {
	if len(src.b) == 0 {
		return
	}
	_, w := utf8.DecodeRune(src.b)
	start, end := src.span(0, w)
	for _, r := range n.content {
		dst.add(r, start, end, track)
	}
	for i := 0; i < len(src.b); {
		r, w := utf8.DecodeRune(src.b[i:])
		start, end := src.span(i, w)
		dst.add(r, start, end, track)
		i += w
	}
}

// replace puts content for every pattern, from the left. As in Hugging Face's library, all of content comes from the last character of
// pattern.
func (n *normalizer) replace(dst, src *aligned, track bool) {
	for i := 0; i < len(src.b); {
		j := bytes.Index(src.b[i:], n.pattern)
		stop := len(src.b)
		if j >= 0 {
			stop = i + j
		}
		for i < stop {
			r, w := utf8.DecodeRune(src.b[i:])
			start, end := src.span(i, w)
			dst.add(r, start, end, track)
			i += w
		}
		if j < 0 {
			return
		}
		i += len(n.pattern)
		_, w := utf8.DecodeLastRune(src.b[:i])
		start, end := src.span(i-w, w)
		for _, r := range n.content {
			dst.add(r, start, end, track)
		}
	}
}

// bert is BertNormalizer in one pass: clean, put spaces round Chinese characters, strip accents, lower-case.
//
// Accents are stripped by canonical decomposition without marks. Decomposition would also reorder marks; only the rare
// spacing marks with a combining class stay to be seen, and these keep their order here.
func (n *normalizer) bert(dst, src *aligned, track bool) {
	strip := n.stripAccents()
	table := &bertASCII[btoi(n.clean)][btoi(n.lower)]
	dst.b = slices.Grow(dst.b, len(src.b)+8)
	var parts [32]rune
	for i := 0; i < len(src.b); {
		if c := src.b[i]; c < utf8.RuneSelf {
			if to := table[c]; to != drop {
				dst.b = append(dst.b, to)
				if track {
					start, end := src.span(i, 1)
					dst.starts, dst.ends = append(dst.starts, start), append(dst.ends, end)
				}
			}
			i++
			continue
		}
		r, w := utf8.DecodeRune(src.b[i:])
		start, end := src.span(i, w)
		i += w
		c := class(r)
		if n.clean {
			if c&isOther != 0 || r == utf8.RuneError {
				continue
			}
			if c&isSpace != 0 {
				dst.add(' ', start, end, track)
				continue
			}
		}
		around := n.chinese && c&isChinese != 0
		if around {
			dst.add(' ', start, end, track)
		}
		out := append(parts[:0], r)
		if strip {
			out = appendDecomposed(parts[:0], r)
		}
		for _, r := range out {
			switch c := class(r); {
			case strip && c&isMark != 0:
			case n.lower && c&hasLower != 0 && r == 'İ':
				dst.add('i', start, end, track)
				dst.add('\u0307', start, end, track)
			case n.lower && c&hasLower != 0:
				dst.add(toLower(r), start, end, track)
			default:
				dst.add(r, start, end, track)
			}
		}
		if around {
			dst.add(' ', start, end, track)
		}
	}
}

// drop marks the bytes that cleaning removes.
const drop = 0xff

// bertASCII is what BERT makes of ASCII, by whether it cleans and whether it lower-cases.
var bertASCII = func() (t [2][2][utf8.RuneSelf]byte) {
	for clean := range t {
		for lower := range t[clean] {
			for c := range t[clean][lower] {
				to := byte(c)
				switch {
				case clean == 1 && (c == '\t' || c == '\n' || c == '\r'):
					to = ' '
				case clean == 1 && (c < ' ' || c == 0x7f):
					to = drop
				case lower == 1 && c >= 'A' && c <= 'Z':
					to += 'a' - 'A'
				}
				t[clean][lower][c] = to
			}
		}
	}
	return t
}()

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
