package tokenizer

import "unicode/utf8"

// trimOffsets leaves out of every token's span in text the spaces that the token starts and ends with, each one code
// point, once for every rule that says so. A single space at the start of a text stays where the pre-tokeniser may have put it there.
func (p *postProcessor) trimOffsets(text string, tokens []string, offsets []Span) {
	if p == nil {
		return
	}
	for _, prefixed := range p.trims {
		trimOffsets(text, tokens, offsets, prefixed)
	}
}

func trimOffsets(text string, tokens []string, offsets []Span, prefixed bool) {
	for i, tok := range tokens {
		lead, trail := outerSpaces(tok)
		at := &offsets[i]
		if lead == 1 && prefixed && (i == 0 || at.Start == 0) {
			lead = 0
		}
		for ; lead > 0 && at.Start < at.End; lead-- {
			_, n := utf8.DecodeRuneInString(text[at.Start:at.End])
			at.Start += n
		}
		for ; trail > 0 && at.Start < at.End; trail-- {
			_, n := utf8.DecodeLastRuneInString(text[at.Start:at.End])
			at.End -= n
		}
	}
}

// outerSpaces counts the characters of white space, or of spaces at byte level, that tok starts and ends with.
func outerSpaces(tok string) (lead, trail int) {
	rest := tok
	for rest != "" {
		r, n := utf8.DecodeRuneInString(rest)
		if r != byteRune[' '] && class(r)&isSpace == 0 {
			break
		}
		rest = rest[n:]
		lead++
	}
	for tok != "" {
		r, n := utf8.DecodeLastRuneInString(tok)
		if r != byteRune[' '] && class(r)&isSpace == 0 {
			break
		}
		tok = tok[:len(tok)-n]
		trail++
	}
	return lead, trail
}
