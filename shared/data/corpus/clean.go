package corpus

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A line is kept when at least minLetters of its characters, and minShare of those that are not white space, are letters.
const (
	minLetters = 2
	minShare   = 0.6
)

// clean puts a line into NFC, takes control and format characters out, folds white space and closes up tokenised text. It gives "" for a line
// that has too few letters, or that has a place where a word was left out. Typographic quotes stay.
func clean(s string) string {
	if s = closeUp(fold(s)); strings.Contains(s, "<unk>") || strings.Contains(s, "\ufffd") {
		return ""
	}
	letters, marks := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letters++
		case !unicode.IsSpace(r) && !unicode.IsMark(r):
			marks++
		}
	}
	if letters < minLetters || float64(letters) < minShare*float64(letters+marks) {
		return ""
	}
	return s
}

// fold normalises characters and white space.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r) && r != '\u200d' && r != '\u200c', unicode.Is(unicode.Co, r):
			return -1
		}
		return r
	}, norm.NFC.String(s))
	return strings.Join(strings.Fields(s), " ")
}

var (
	tokenised   = regexp.MustCompile(` (?:[,.?!;:]|'(?:s|m|re|ve|ll|d)|n't)(?: |$)`)
	joiner      = regexp.MustCompile(` ?@([-.,])@ ?`)
	beforeMark  = regexp.MustCompile(` ([,.?!;:%)\]]|'(?:s|m|re|ve|ll|d|S)\b|n't\b)`)
	afterMark   = regexp.MustCompile(`([(\[$£]) `)
	quoted      = regexp.MustCompile(`(^|[ (])" ([^"]+) "`)
	hyphen      = regexp.MustCompile(`(\pL) - (\pL)`)
	annotations = regexp.MustCompile(`\{(?:vocalsound|disfmarker|pause|gap|nonvocalsound|comment|inaudible)\}`)
)

// closeUp puts text whose words and marks stand apart, as corpora of tokens have it, back together. Other text is left as it is.
func closeUp(s string) string {
	if strings.Contains(s, "{") {
		s = strings.Join(strings.Fields(annotations.ReplaceAllString(s, " ")), " ")
	}
	if strings.Contains(s, "@") {
		s = joiner.ReplaceAllString(s, "$1")
	}
	if !markApart(s) || !tokenised.MatchString(s) {
		return s
	}
	s = quoted.ReplaceAllString(s, `$1"$2"`)
	s = beforeMark.ReplaceAllString(s, "$1")
	s = afterMark.ReplaceAllString(s, "$1")
	return hyphen.ReplaceAllString(s, "$1-$2")
}

// markApart says whether a mark, or the end of a short form, stands after a space: no text of tokens is without.
func markApart(s string) bool {
	for i := 1; i < len(s); i++ {
		if s[i-1] == ' ' && (strings.IndexByte(",.?!;:'", s[i]) >= 0 || strings.HasPrefix(s[i:], "n't")) {
			return true
		}
	}
	return false
}

// words counts what lies between white space.
func words(s string) int {
	n, in := 0, false
	for _, r := range s {
		space := unicode.IsSpace(r)
		if !space && !in {
			n++
		}
		in = !space
	}
	return n
}
