package baseline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A word is a run of letters and digits in a text.
type word struct {
	start, end int    // bytes
	low        string // in lower case
	capital    bool
	number     bool // has a digit
	function   bool // says little alone
	breaks     bool // more than a space or a hyphen is between the word before and this one
}

// function are words that say little alone; so are taken to be all of up to three letters in lower case.
var function = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields("the a an of in on to is it as at by or and was are for not but its his her had has who how he she we they you i if so no do did all any with from that which what when where whom whose their were have been this these those also into than then they them such more most some about after before between during under over while there being other both each only very does will would could should many much name kind type") {
		m[w] = true
	}
	return m
}()

// words finds the words of a text.
func words(text string) []word {
	var all []word
	last := 0
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			i += n
			continue
		}
		w := word{start: i, capital: unicode.IsUpper(r)}
		for i < len(text) {
			r, n := utf8.DecodeRuneInString(text[i:])
			inside := r == ',' || r == '.' || r == '\'' || r == '’'
			if inside { // 1,000 and 3.5 and isn't are words
				next, _ := utf8.DecodeRuneInString(text[i+n:])
				inside = (unicode.IsDigit(next) && w.number) || (unicode.IsLetter(next) && (r == '\'' || r == '’'))
			}
			if !inside && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				break
			}
			w.number = w.number || unicode.IsDigit(r)
			i += n
		}
		w.end, w.low = i, strings.ToLower(text[w.start:i])
		w.function = !w.number && (function[w.low] || !w.capital && utf8.RuneCountInString(w.low) <= 3)
		w.breaks = len(all) > 0 && strings.Trim(text[last:w.start], " -–$£€%") != ""
		last = i
		all = append(all, w)
	}
	return all
}
