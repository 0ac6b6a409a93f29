package tokenizer

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// TestUnicode holds what is known about every code point to its digest, at a time when all of it was equal to Hugging Face's library: another
// version of Go or of golang.org/x/text must not change how texts are cut.
func TestUnicode(t *testing.T) {
	const want = "c043fb71d06373ab"
	h := sha256.New()
	var b []byte
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		b = binary.LittleEndian.AppendUint16(b[:0], class(r))
		b = append(b, combining(r))
		for _, form := range []norm.Form{norm.NFD, norm.NFKD} {
			for _, p := range appendParts(nil, r, form) {
				b = utf8.AppendRune(b, p)
			}
		}
		for _, l := range appendLower(nil, r) {
			b = utf8.AppendRune(b, l)
		}
		if parts := appendDecomposed(nil, r); len(parts) > 1 && norm.NFC.String(string(r)) == string(r) && !composes(r, parts) {
			t.Errorf("%U is not composed again", r)
		}
		h.Write(b)
	}
	if got := hex.EncodeToString(h.Sum(nil)[:8]); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// composes says whether the parts of r become r again.
func composes(r rune, parts []rune) bool {
	var f forms
	var dst aligned
	f.normalize(&dst, &aligned{b: []byte(string(parts))}, "NFC", false)
	return string(dst.b) == string(r)
}

// TestLaterUnicode names code points about which the library's parts and Go know different things.
func TestLaterUnicode(t *testing.T) {
	for _, c := range []struct {
		r    rune
		bit  uint16
		want bool
		what string
	}{
		{0x07fd, isMark, false, "a mark since Unicode 11"},
		{0x1734, isMark, true, "a mark until Unicode 14"},
		{0x061d, isPunct, false, "punctuation since Unicode 14"},
		{0x1c89, isLetter, true, "a letter since Unicode 16"},
		{0x11de0, isNumeric, true, "a digit since Unicode 17, in the standard library of Rust"},
		{0x11de0, isNumber, false, "the same, in the library of regular expressions"},
		{0x32ff, hasForm, false, "a square of two characters since Unicode 12.1"},
	} {
		if got := class(c.r)&c.bit != 0; got != c.want {
			t.Errorf("%U, %s: got %v", c.r, c.what, got)
		}
	}
	if got := toLower(0x1c89); got != 0x1c8a {
		t.Errorf("lower case of U+1C89: got %U", got)
	}
	if r, ok := compose(0x11935, 0x11930); ok {
		t.Errorf("got %U, which is composed since Unicode 13", r)
	}
}
