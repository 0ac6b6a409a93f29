package baseline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A word is what features are made of.
type word struct {
	lower, shape   string
	prefix, suffix [affixes]string // of one to four characters
}

const affixes = 4

// edge stands before and after a sentence.
var edge = word{lower: "<>", shape: "<>"}

// words prepares a sentence, with two edges on either side.
func words(tokens []string) []word {
	all := []word{edge, edge}
	for _, t := range tokens {
		l := strings.ToLower(t)
		w := word{lower: l, shape: shape(t)}
		r := []rune(l)
		for n := range affixes {
			n := min(n+1, len(r))
			w.prefix[n-1], w.suffix[n-1] = string(r[:n]), string(r[len(r)-n:])
		}
		all = append(all, w)
	}
	return append(all, edge, edge)
}

// shape maps upper case to X, lower case to x, digits to 0 and runs of the same to one.
func shape(s string) string {
	var b strings.Builder
	last := utf8.RuneError
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			r = 'X'
		case unicode.IsLetter(r):
			r = 'x'
		case unicode.IsDigit(r):
			r = '0'
		}
		if r != last {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// features lists those of word i of a sentence that words prepared, after the tags before it.
func features(dst []string, all []word, i int, last, last2 string) []string {
	w := all[i+2]
	before, after := all[i+1], all[i+3]
	dst = dst[:0]
	for n := range affixes {
		if w.prefix[n] != "" {
			dst = append(dst, "p "+w.prefix[n], "s "+w.suffix[n])
		}
	}
	return append(
		dst,
		"bias", "w "+w.lower, "c "+w.shape,
		"-w "+before.lower, "-c "+before.shape, "-2w "+all[i].lower, "+w "+after.lower, "+c "+after.shape, "+2w "+all[i+4].lower,
		"-s "+before.suffix[2], "+s "+after.suffix[2], "cc "+before.shape+" "+w.shape, "c+c "+w.shape+" "+after.shape,
		"-ww "+before.lower+" "+w.lower, "w+w "+w.lower+" "+after.lower,
		"t "+last, "tt "+last2+" "+last, "tw "+last+" "+w.lower, "tc "+last+" "+w.shape,
	)
}
