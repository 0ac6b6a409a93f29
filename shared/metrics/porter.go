package metrics

import "strings"

// irregular words that the rules would get wrong.
var irregular = map[string]string{
	"sky": "sky", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "news": "news",
	"innings": "inning", "inning": "inning", "outings": "outing", "outing": "outing",
	"cannings": "canning", "canning": "canning", "howe": "howe",
	"proceed": "proceed", "exceed": "exceed", "succeed": "succeed",
}

// PorterStem stems a lower-case word by M. F. Porter, An algorithm for suffix stripping, Program 14(3), 1980, with the
// later changes of its author and of NLTK (its default mode), which rouge-score uses.
func PorterStem(word string) string {
	if s, ok := irregular[word]; ok {
		return s
	}
	if len(word) <= 2 {
		return word
	}
	w := stepPlural(word)
	w = stepPast(w)
	w = stepY(w)
	w = stepDouble(w)
	w = firstSuffix(w, step3, 0)
	w = stepLast(w)
	return stepE(w)
}

// consonant: a letter other than a vowel and other than y after a consonant.
func consonant(w string, i int) bool {
	switch w[i] {
	case 'a', 'e', 'i', 'o', 'u':
		return false
	case 'y':
		return i == 0 || !consonant(w, i-1)
	}
	return true
}

// measure is m where the word has the form [C](VC)^m[V].
func measure(w string) int {
	m := 0
	vowel := false
	for i := range len(w) {
		c := consonant(w, i)
		if c && vowel {
			m++
		}
		vowel = !c
	}
	return m
}

func hasVowel(w string) bool {
	for i := range len(w) {
		if !consonant(w, i) {
			return true
		}
	}
	return false
}

func doubleConsonant(w string) bool {
	n := len(w)
	return n >= 2 && w[n-1] == w[n-2] && consonant(w, n-1)
}

// shortEnd: consonant, vowel, consonant other than w, x, y; or a word of just vowel and consonant.
func shortEnd(w string) bool {
	n := len(w)
	if n == 2 {
		return !consonant(w, 0) && consonant(w, 1)
	}
	return n >= 3 && consonant(w, n-3) && !consonant(w, n-2) && consonant(w, n-1) && !strings.ContainsRune("wxy", rune(w[n-1]))
}

// stepPlural is step 1a.
func stepPlural(w string) string {
	switch {
	case strings.HasSuffix(w, "ies") && len(w) == 4:
		return w[:3]
	case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "ies"):
		return w[:len(w)-2]
	case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss"):
		return w[:len(w)-1]
	}
	return w
}

// stepPast is step 1b.
func stepPast(w string) string {
	if s, ok := strings.CutSuffix(w, "ied"); ok {
		if len(w) == 4 {
			return s + "ie"
		}
		return s + "i"
	}
	if s, ok := strings.CutSuffix(w, "eed"); ok {
		if measure(s) > 0 {
			return s + "ee"
		}
		return w
	}
	s, ok := strings.CutSuffix(w, "ed")
	if !ok || !hasVowel(s) {
		if s, ok = strings.CutSuffix(w, "ing"); !ok || !hasVowel(s) {
			return w
		}
	}
	switch {
	case strings.HasSuffix(s, "at"), strings.HasSuffix(s, "bl"), strings.HasSuffix(s, "iz"):
		return s + "e"
	case doubleConsonant(s):
		if strings.ContainsRune("lsz", rune(s[len(s)-1])) {
			return s
		}
		return s[:len(s)-1]
	case measure(s) == 1 && shortEnd(s):
		return s + "e"
	}
	return s
}

// stepY is step 1c, as changed by NLTK: y after a consonant that isn't the first letter.
func stepY(w string) string {
	if s, ok := strings.CutSuffix(w, "y"); ok && len(s) > 1 && consonant(s, len(s)-1) {
		return s + "i"
	}
	return w
}

var step2 = [][2]string{
	{"ational", "ate"},
	{"tional", "tion"},
	{"enci", "ence"},
	{"anci", "ance"},
	{"izer", "ize"},
	{"bli", "ble"},
	{"alli", "al"},
	{"entli", "ent"},
	{"eli", "e"},
	{"ousli", "ous"},
	{"ization", "ize"},
	{"ation", "ate"},
	{"ator", "ate"},
	{"alism", "al"},
	{"iveness", "ive"},
	{"fulness", "ful"},
	{"ousness", "ous"},
	{"aliti", "al"},
	{"iviti", "ive"},
	{"biliti", "ble"},
	{"fulli", "ful"},
}

var step3 = [][2]string{
	{"icate", "ic"}, {"ative", ""}, {"alize", "al"}, {"iciti", "ic"}, {"ical", "ic"}, {"ful", ""}, {"ness", ""},
}

var step4 = [][2]string{
	{"al", ""},
	{"ance", ""},
	{"ence", ""},
	{"er", ""},
	{"ic", ""},
	{"able", ""},
	{"ible", ""},
	{"ant", ""},
	{"ement", ""},
	{"ment", ""},
	{"ent", ""},
	{"ion", ""},
	{"ou", ""},
	{"ism", ""},
	{"ate", ""},
	{"iti", ""},
	{"ous", ""},
	{"ive", ""},
	{"ize", ""},
}

// firstSuffix applies the first rule whose suffix fits, if what it leaves has a measure above m.
func firstSuffix(w string, rules [][2]string, m int) string {
	for _, r := range rules {
		s, ok := strings.CutSuffix(w, r[0])
		if !ok {
			continue
		}
		if measure(s) > m && (r[0] != "ion" || strings.HasSuffix(s, "s") || strings.HasSuffix(s, "t")) {
			return s + r[1]
		}
		return w
	}
	return w
}

// stepDouble is step 2; what "alli" leaves goes through it again, and "logi" counts its "l".
func stepDouble(w string) string {
	if s, ok := strings.CutSuffix(w, "alli"); ok && measure(s) > 0 {
		return stepDouble(s + "al")
	}
	if strings.HasSuffix(w, "logi") {
		if measure(w[:len(w)-3]) > 0 {
			return w[:len(w)-1]
		}
		return w
	}
	return firstSuffix(w, step2, 0)
}

// stepLast is step 4.
func stepLast(w string) string { return firstSuffix(w, step4, 1) }

// stepE is step 5: a final e, and one of two l.
func stepE(w string) string {
	if s, ok := strings.CutSuffix(w, "e"); ok {
		if m := measure(s); m > 1 || m == 1 && !shortEnd(s) {
			w = s
		}
	}
	if strings.HasSuffix(w, "ll") && measure(w[:len(w)-1]) > 1 {
		return w[:len(w)-1]
	}
	return w
}
