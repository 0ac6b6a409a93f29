package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// Decode joins tokens to a text; skipSpecial leaves special tokens out. Ids outside [0, V) are left out. Bytes that don't make
// UTF-8 become U+FFFD.
func (t *Tokenizer) Decode(ids []int32, skipSpecial bool) string {
	if t.dec != nil && t.dec.chained() {
		return t.dec.decode(t.spelled(ids, skipSpecial))
	}
	var out []byte
	first := true
	for _, id := range ids {
		if id < 0 || int(id) >= len(t.tokens) || skipSpecial && t.skipped[id] {
			continue
		}
		tok := t.spelling[id]
		switch {
		case t.dec == nil:
			if !first {
				out = append(out, ' ')
			}
			out = append(out, tok...)
		case t.dec.kind == "ByteLevel":
			b, ok := appendBytes(out, tok)
			if !ok {
				b = append(out, tok...)
			}
			out = b
		default:
			out = append(out, t.dec.piece(tok, first)...)
		}
		first = false
	}
	if utf8.Valid(out) {
		return string(out)
	}
	return lossy(out)
}

// spelled gives the tokens of ids that Decode joins.
func (t *Tokenizer) spelled(ids []int32, skipSpecial bool) []string {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		if id >= 0 && int(id) < len(t.tokens) && !(skipSpecial && t.skipped[id]) {
			out = append(out, t.spelling[id])
		}
	}
	return out
}

// piece gives what a WordPiece token adds to a text.
func (d *decoder) piece(tok string, first bool) string {
	if !first {
		if rest, ok := strings.CutPrefix(tok, d.prefix); ok {
			tok = rest
		} else {
			tok = " " + tok
		}
	}
	if d.cleanup {
		tok = cleanUp(tok)
	}
	return tok
}

// cleanups join punctuation and English contractions to the word before.
var cleanups = [...][2]string{
	{" .", "."},
	{" ?", "?"},
	{" !", "!"},
	{" ,", ","},
	{" ' ", "'"},
	{" n't", "n't"},
	{" 'm", "'m"},
	{" do not", " don't"},
	{" 's", "'s"},
	{" 've", "'ve"},
	{" 're", "'re"},
}

// cleanUp makes the replacements of cleanups, one after the other.
func cleanUp(tok string) string {
	at := strings.IndexByte(tok, ' ')
	if at < 0 || at == strings.LastIndexByte(tok, ' ') && (at+1 == len(tok) || strings.IndexByte(".?!,'n", tok[at+1]) < 0) {
		return tok // most tokens
	}
	for _, c := range cleanups {
		tok = strings.ReplaceAll(tok, c[0], c[1])
	}
	return tok
}

// lossy replaces what is not UTF-8 by U+FFFD, one for each longest start of a valid encoding, as Rust and Python do.
func lossy(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			n = badPrefix(b)
		}
		out.WriteRune(r)
		b = b[n:]
	}
	return out.String()
}

// badPrefix gives the length of the longest start of b that starts some valid encoding, at least 1.
func badPrefix(b []byte) int {
	n := 1
	if utf8.FullRune(b[:1]) {
		return n
	}
	for n < len(b) && !utf8.FullRune(b[:n+1]) {
		n++
	}
	return n
}
