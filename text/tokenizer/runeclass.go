package tokenizer

import (
	"slices"
	"sync/atomic"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Classes of a code point, as bits. Where Unicode's versions differ they are as in Hugging Face's library, whatever Go's version.
const (
	isSpace   uint16 = 1 << iota // Unicode white space
	isPunct                      // ASCII punctuation and general category P
	isMark                       // general category Mn
	isOther                      // categories Cc, Cf and Co
	isChinese                    // the blocks that BERT calls Chinese
	isLetter                     // general category L
	isNumber                     // general category N
	isNumeric                    // the same of a later version of Unicode
	isAccent                     // general category M
	isWord                       // \w of regular expressions: Alphabetic, categories M, Nd and Pc, Join_Control
	hasForm                      // Unicode's normalisation forms know it
	hasParts                     // has a canonical decomposition
	hasLower                     // its lower case differs
	combines                     // may compose with what stands before it
)

// Pages of 256 classes, each computed when it is first wanted: asking the unicode tables costs some hundred nanoseconds a
// code point. A page is a pure function of its index, so two goroutines that race store the same.
var pages [0x1100]atomic.Pointer[[256]uint16]

// class gives the classes of r.
func class(r rune) uint16 {
	if uint32(r) > unicode.MaxRune {
		r = unicode.ReplacementChar
	}
	p := pages[uint32(r)>>8].Load()
	if p == nil {
		p = new([256]uint16)
		for i := range p {
			p[i] = classify(r&^0xff + rune(i))
		}
		pages[uint32(r)>>8].Store(p)
	}
	return p[r&0xff]
}

func classify(r rune) uint16 {
	var c uint16
	set := func(bit uint16, ok bool) {
		if ok {
			c |= bit
		}
	}
	set(isSpace, unicode.IsSpace(r))
	set(isChinese, chinese(r))
	set(hasLower, toLower(r) != r)
	for _, t := range []struct {
		bit    uint16
		ranges []rune
	}{
		{isPunct, tablePunct},
		{isMark, tableMark},
		{isOther, tableOther},
		{isLetter, tableLetter},
		{isNumber, tableNumber},
		{isNumeric, tableNumeric},
		{isAccent, tableAccent},
		{isWord, tableWord},
		{hasForm, tableForm},
	} {
		set(t.bit, inRanges(t.ranges, r))
	}
	set(combines, !norm.NFC.PropertiesString(string(r)).BoundaryBefore())
	set(hasParts, isHangul(r) || c&hasForm != 0 && len(norm.NFD.PropertiesString(string(r)).Decomposition()) > 0)
	return c
}

// inRanges says whether r lies in one of the ranges.
func inRanges(ranges []rune, r rune) bool {
	i, found := slices.BinarySearch(ranges, r)
	return found || i%2 == 1
}

// toLower gives the lower case of r that is one code point.
func toLower(r rune) rune {
	for _, run := range tableLower {
		if r >= run[0] && r <= run[1] {
			return r + run[2]
		}
	}
	return unicode.ToLower(r)
}

// chinese says whether BERT puts spaces round r. The block that starts at 2B820 in Unicode starts at 2B920 there, and so here.
func chinese(r rune) bool {
	switch {
	case r < 0x3400:
		return false
	case r <= 0x4dbf, r >= 0x4e00 && r <= 0x9fff, r >= 0xf900 && r <= 0xfaff:
		return true
	case r >= 0x20000 && r <= 0x2a6df, r >= 0x2a700 && r <= 0x2b73f, r >= 0x2b740 && r <= 0x2b81f:
		return true
	case r >= 0x2b920 && r <= 0x2ceaf, r >= 0x2f800 && r <= 0x2fa1f:
		return true
	}
	return false
}

func isHangul(r rune) bool { return r >= 0xac00 && r < 0xac00+11172 }
