package corpus

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// abbreviations end in a full stop without ending a sentence, in lower case.
var abbreviations = map[string]bool{
	"mr": true, "mrs": true, "ms": true, "dr": true, "st": true, "prof": true, "rev": true, "hon": true, "capt": true, "col": true, "gen": true,
	"lt": true, "sgt": true, "maj": true, "sen": true, "rep": true, "gov": true, "pres": true, "messrs": true, "mme": true, "mlle": true, "mt": true,
	"jr": true, "co": true, "ltd": true, "bros": true, "vs": true, "cf": true, "e.g": true, "i.e": true, "viz": true, "al": true, "fig": true, "figs": true, "eq": true, "sec": true,
	"no": true, "nos": true, "vol": true, "vols": true, "pp": true, "p": true, "ch": true, "ed": true, "eds": true, "approx": true, "ca": true,
	"jan": true, "feb": true, "mar": true, "apr": true, "jun": true, "jul": true, "aug": true, "sept": true, "sep": true, "oct": true, "nov": true, "dec": true,
	"u.s": true, "u.k": true, "esp": true, "usu": true, "lit": true,
}

// A span is a part of a text, in bytes.
type span struct{ start, end int }

// sentenceSpans cuts running text into sentences: after a full stop, question or exclamation mark, with the quotes and brackets that close
// there, where white space follows and then no lower-case letter. Abbreviations and initials end no sentence.
func sentenceSpans(s string) []span {
	var all []span
	start := 0
	give := func(end int) {
		for start < end && isSpace(s[start]) {
			start++
		}
		to := end
		for to > start && isSpace(s[to-1]) {
			to--
		}
		if to > start {
			all = append(all, span{start, to})
		}
		start = end
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		at := i
		i += size
		if r != '.' && r != '?' && r != '!' && r != '…' {
			continue
		}
		for i < len(s) { // further marks, and what closes with the sentence
			r, size := utf8.DecodeRuneInString(s[i:])
			if !strings.ContainsRune(`.?!…"'”’)]`, r) {
				break
			}
			i += size
		}
		if i == len(s) || !isSpace(s[i]) || r == '.' && i == at+1 && abbreviated(s[start:at]) {
			continue
		}
		next := strings.TrimLeft(s[i:], " \t\n\"'“‘([")
		if r, _ := utf8.DecodeRuneInString(next); next == "" || unicode.IsLower(r) || strings.ContainsRune(",;:)-", r) {
			continue
		}
		give(i)
	}
	give(len(s))
	return all
}

// sentences gives the texts of sentenceSpans.
func sentences(s string) []string {
	var all []string
	for _, p := range sentenceSpans(s) {
		all = append(all, s[p.start:p.end])
	}
	return all
}

// abbreviated says whether what stands before a full stop is an abbreviation or an initial.
func abbreviated(before string) bool {
	word := before
	if i := strings.LastIndexFunc(before, func(r rune) bool { return !unicode.IsLetter(r) && r != '.' }); i >= 0 {
		_, size := utf8.DecodeRuneInString(before[i:])
		word = before[i+size:]
	}
	if r, size := utf8.DecodeRuneInString(word); size == len(word) && word != "I" && unicode.IsUpper(r) {
		return true
	}
	return abbreviations[strings.ToLower(word)]
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }
