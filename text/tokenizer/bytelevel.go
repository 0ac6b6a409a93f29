package tokenizer

import "unicode/utf8"

// Byte-level tokens spell each byte as one printable character: GPT-2 keeps the printable bytes of Latin-1 and moves the
// others, in order, to U+0100 and on.
var byteRune, runeByte = byteAlphabet()

// byteAlphabet gives the character of every byte, and the byte of every character or -1.
func byteAlphabet() (runes [256]rune, bytes [512]int16) {
	for i := range bytes {
		bytes[i] = -1
	}
	next := rune(256)
	for b := range runes {
		r := rune(b)
		if !(b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae) {
			r = next
			next++
		}
		runes[b], bytes[r] = r, int16(b)
	}
	return runes, bytes
}

// ByteLevel spells text as byte-level tokens do.
func ByteLevel(text string) string {
	out := make([]byte, 0, 2*len(text))
	for i := range len(text) {
		out = utf8.AppendRune(out, byteRune[text[i]])
	}
	return string(out)
}

// appendBytes appends the bytes that a byte-level token spells. ok is false, and nothing is appended, for a token with a character that
// spells none.
func appendBytes(dst []byte, token string) ([]byte, bool) {
	n := len(dst)
	for _, r := range token {
		if int(r) >= len(runeByte) || runeByte[r] < 0 {
			return dst[:n], false
		}
		dst = append(dst, byte(runeByte[r]))
	}
	return dst, true
}
