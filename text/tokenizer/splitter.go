package tokenizer

import "bytes"

// Behaviours of a pre-tokeniser towards what its pattern matches, as in Hugging Face's library.
const (
	removed            = "Removed"            // a match parts pieces and is no part of one
	isolated           = "Isolated"           // a match is a piece of its own
	contiguous         = "Contiguous"         // matches that touch are one piece
	mergedWithPrevious = "MergedWithPrevious" // a match ends the piece before it
	mergedWithNext     = "MergedWithNext"     // a match starts the piece after it
)

// piece gives the first piece of b[i:], i < len(b), and where the next one is to be looked for. The piece is empty where nothing is left.
func (p *preTokenizer) piece(b []byte, i int) (start, end, next int) {
	if p.kind == "BertPreTokenizer" {
		start, end = nextBert(b, i)
		return start, end, end
	}
	end, match := p.run(b, i)
	switch p.behavior {
	case removed:
		for match && end < len(b) {
			i = end
			end, match = p.run(b, i)
		}
		if match {
			i = end
		}
	case contiguous:
		for end < len(b) {
			to, m := p.run(b, end)
			if m != match {
				break
			}
			end = to
		}
	case mergedWithPrevious, mergedWithNext:
		if match == (p.behavior == mergedWithNext) && end < len(b) {
			if to, m := p.run(b, end); m != match {
				end = to
			}
		}
	}
	return i, end, end
}

// run gives the end of the run at b[i:], i < len(b): a match of the pattern, or all that lies before the next one.
func (p *preTokenizer) run(b []byte, i int) (end int, match bool) {
	end, match = p.match(b, i)
	return end, match != p.invert
}

func (p *preTokenizer) match(b []byte, i int) (end int, match bool) {
	switch p.kind {
	case "Whitespace":
		return nextWord(b, i)
	case "WhitespaceSplit":
		return nextOf(b, i, isSpace)
	case "Punctuation":
		return nextOf(b, i, isPunct)
	case "Digits":
		return nextOf(b, i, isNumeric)
	}
	if len(p.pattern) == 0 {
		return nextGPT2(b, i), true
	}
	switch j := bytes.Index(b[i:], p.pattern); {
	case j == 0:
		return i + len(p.pattern), true
	case j > 0:
		return i + j, false
	}
	return len(b), false
}

// nextOf gives the character at b[i:] as a match if it is of a class, else what lies before the next one that is.
func nextOf(b []byte, i int, of uint16) (end int, match bool) {
	c, n := classAt(b, i)
	if c&of != 0 {
		return i + n, true
	}
	for i += n; i < len(b); i += n {
		if c, n = classAt(b, i); c&of != 0 {
			break
		}
	}
	return i, false
}

// nextWord gives the match at b[i:] of \w+|[^\w\s]+, or the white space before the next one.
func nextWord(b []byte, i int) (end int, match bool) {
	c, n := classAt(b, i)
	kind := c & (isSpace | isWord)
	for i += n; i < len(b); i += n {
		if c, n = classAt(b, i); c&(isSpace|isWord) != kind {
			break
		}
	}
	return i, kind != isSpace
}
