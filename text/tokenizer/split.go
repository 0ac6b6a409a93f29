package tokenizer

import "unicode/utf8"

// nextBert gives the next word of b at or after i by BERT's rule: white space parts words and is no part of one, every
// punctuation character is a word of its own. start is len(b) when none is left.
func nextBert(b []byte, i int) (start, end int) {
	for i < len(b) {
		c, n := classAt(b, i)
		switch {
		case c&isSpace != 0:
			i += n
			continue
		case c&isPunct != 0:
			return i, i + n
		}
		start = i
		for i < len(b) && c&(isSpace|isPunct) == 0 {
			if i += n; i < len(b) {
				c, n = classAt(b, i)
			}
		}
		return start, i
	}
	return len(b), len(b)
}

// asciiClass is class for ASCII, without the page.
var asciiClass = func() (t [utf8.RuneSelf]uint16) {
	for i := range t {
		t[i] = classify(rune(i))
	}
	return t
}()

// classAt gives the classes of the code point at b[i:] and its length.
func classAt(b []byte, i int) (uint16, int) {
	if c := b[i]; c < utf8.RuneSelf {
		return asciiClass[c], 1
	}
	r, n := utf8.DecodeRune(b[i:])
	return class(r), n
}

// nextGPT2 gives the end of the word that starts at b[i:], i < len(b), by GPT-2's pattern:
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// White space before a word stays behind as a word of its own, but for one last space that goes with the word.
func nextGPT2(b []byte, i int) int {
	if b[i] == '\'' {
		if n := contraction(b[i+1:]); n > 0 {
			return i + 1 + n
		}
	}
	c, n := classAt(b, i)
	if b[i] == ' ' && i+1 < len(b) {
		if next, m := classAt(b, i+1); next&isSpace == 0 {
			i, c, n = i+1, next, m
		}
	}
	if c&isSpace != 0 {
		start, last := i, i // of the run, and of its last character
		for c&isSpace != 0 {
			last = i
			if i += n; i == len(b) {
				return i
			}
			c, n = classAt(b, i)
		}
		if last > start { // the last one stays for the word that follows
			return last
		}
		return i
	}
	kind := c & (isLetter | isNumber)
	for {
		if i += n; i == len(b) {
			return i
		}
		if c, n = classAt(b, i); c&isSpace != 0 || c&(isLetter|isNumber) != kind {
			return i
		}
	}
}

// contraction gives the length of what follows an apostrophe in 's 't 're 've 'm 'll 'd.
func contraction(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	switch b[0] {
	case 's', 't', 'm', 'd':
		return 1
	}
	if len(b) > 1 {
		switch string(b[:2]) {
		case "re", "ve", "ll":
			return 2
		}
	}
	return 0
}
