package metrics

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// lower is Unicode lower-casing in full, as Python's str.lower: a capital dotted I becomes two code points and a sigma that ends a word its final form.
func lower(s string) string {
	if !strings.ContainsAny(s, "İΣ") {
		return strings.ToLower(s)
	}
	var b strings.Builder
	rs := []rune(s)
	for i, r := range rs {
		switch {
		case r == 'İ':
			b.WriteString("i̇")
		case r == 'Σ' && finalSigma(rs, i):
			b.WriteRune('ς')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// finalSigma: a cased letter before position i and none after, marks and the like aside.
func finalSigma(rs []rune, i int) bool {
	before, after := i-1, i+1
	for before >= 0 && caseIgnorable(rs[before]) {
		before--
	}
	for after < len(rs) && caseIgnorable(rs[after]) {
		after++
	}
	return before >= 0 && cased(rs[before]) && (after == len(rs) || !cased(rs[after]))
}

func cased(r rune) bool { return unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r) }

func caseIgnorable(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) || strings.ContainsRune("'.:·‘’․", r)
}

// isSpace is Python's str.isspace, which counts four information separators too.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// isWord is the class \w of Python's regular expressions.
func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) }

// NormalizeAnswer lower-cases, removes ASCII punctuation and the articles a, an, the, and joins what is left by single spaces, as
// SQuAD's official scripts do.
func NormalizeAnswer(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (unicode.IsPunct(r) || unicode.IsSymbol(r)) {
			return -1
		}
		return r
	}, lower(s))
	return strings.Join(strings.FieldsFunc(removeArticles(s), isSpace), " ")
}

// removeArticles puts a space in place of every article that is a run of word characters of its own.
func removeArticles(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		end := strings.IndexFunc(s, func(r rune) bool { return !isWord(r) })
		if end < 0 {
			end = len(s)
		}
		switch word := s[:end]; word {
		case "a", "an", "the":
			b.WriteByte(' ')
		default:
			b.WriteString(word)
		}
		s = s[end:]
		next := strings.IndexFunc(s, isWord)
		if next < 0 {
			next = len(s)
		}
		b.WriteString(s[:next])
		s = s[next:]
	}
	return b.String()
}
