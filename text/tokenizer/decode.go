package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// A decoder joins tokens to a text.
type decoder struct {
	kind    string // WordPiece, ByteLevel
	prefix  string // WordPiece: of tokens that go on a word
	cleanup bool   // WordPiece: no space before punctuation and contractions
	// byte level: kept for the file
	addPrefix, trim bool
	useRegex        *bool
}

func parseDecoder(raw []byte) (*decoder, error) {
	o := openObject("decoder", raw)
	d := &decoder{kind: o.text("type")}
	if o.err != nil {
		return nil, o.err
	}
	switch d.kind {
	case "WordPiece":
		d.prefix, d.cleanup = o.text("prefix", "##"), o.boolean("cleanup", true)
	case "ByteLevel":
		d.addPrefix, d.trim, d.useRegex = o.boolean("add_prefix_space", true), o.boolean("trim_offsets", true), o.maybe("use_regex")
	default:
		return nil, errorf("decoder.type", ErrUnsupported, "got %.80q", d.kind)
	}
	return d, o.close()
}

// Decode joins tokens to a text; skipSpecial leaves special tokens out. Ids outside [0, V) are left out. Bytes that don't make
// UTF-8 become U+FFFD.
func (t *Tokenizer) Decode(ids []int32, skipSpecial bool) string {
	var out []byte
	first := true
	for _, id := range ids {
		if id < 0 || int(id) >= len(t.tokens) || skipSpecial && t.special[id] {
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
			out = t.dec.piece(out, tok, first)
		}
		first = false
	}
	if utf8.Valid(out) {
		return string(out)
	}
	return lossy(out)
}

// piece appends one WordPiece token.
func (d *decoder) piece(out []byte, tok string, first bool) []byte {
	if !first {
		if rest, ok := strings.CutPrefix(tok, d.prefix); ok {
			tok = rest
		} else {
			tok = " " + tok
		}
	}
	if d.cleanup {
		tok = cleanup.Replace(tok)
	}
	return append(out, tok...)
}

// cleanup joins punctuation and English contractions to the word before.
var cleanup = strings.NewReplacer(" .", ".", " ?", "?", " !", "!", " ,", ",", " ' ", "'", " n't", "n't", " 'm", "'m",
	" do not", " don't", " 's", "'s", " 've", "'ve", " 're", "'re")

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
