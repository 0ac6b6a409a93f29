package extractive

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// titles stand before a name: a full stop after one never ends a sentence.
var titles = set(`mr mrs ms messrs mmes dr prof rev hon sr st mt ft fr capt cmdr col gen lt maj sgt cpl adm gov sen rep pres supt
	insp det hr mme mlle vs cf viz approx ca e.g i.e al eq eqs fig figs sec secs ch chap no nos vol vols pp ed eds art arts op tab
	resp incl esp vid seq`)

// units and the like end a sentence when a capital follows, except before a number or a name: they do so rarely enough that the next word
// decides.
var others = set(`inc ltd co corp bros llc plc jr esq etc dept univ assn ave blvd rd hwy bldg est a.m p.m u.s u.k u.n e.u d.c b.c a.d ph.d
	m.d b.a m.a jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thur thurs fri sat sun min max avg hr hrs in oz lb lbs kg km
	cm mm sq cu`)

// numeric ones are abbreviations only before a number.
var numeric = set(`no nos p pp vol vols fig figs eq eqs sec secs ch chap art arts ed eds op tab jan feb mar apr jun jul aug sept sep oct nov dec`)

// starters are words that, with a capital, begin a sentence far more often than they go on with a name.
var starters = set(`a an and are as at but by did do does for from had has have he her here his how i if in is it its may my no not of on
	one or our she so some such that the their then there these they this those thus to was we were what when where which while who why will
	with would you your however after before because although although since also all any both each every many most other once only`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// abbreviated reports whether the full stop at i belongs to its word and doesn't end the sentence that began at start; at is where the next
// word begins.
func abbreviated(text string, start, i, at int) bool {
	word := text[start:i]
	if j := strings.LastIndexFunc(word, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("\"'([{“‘«—–/-", r)
	}); j >= 0 {
		_, size := utf8.DecodeRuneInString(word[j:])
		word = word[j+size:]
	}
	head := strings.TrimSpace(text[start:i])
	if word == head && number(word) { // "1. First": the mark of a list
		return true
	}
	next := nextWord(text[at:])
	nextIsNumber := next != "" && next[0] >= '0' && next[0] <= '9'
	low := strings.ToLower(word)
	if numeric[low] {
		// "No. It" ends a sentence, "No. 5" doesn't; a month or figure goes on only before a number.
		return nextIsNumber
	}
	if titles[low] {
		return true
	}
	if initial(word) { // "J. Smith", but "plan B. The"
		return !starters[strings.ToLower(next)] || word != "I" && strings.HasSuffix(next, ".")
	}
	if others[low] || dotted(word) {
		return nextIsNumber && low != "etc" || !starters[strings.ToLower(next)] && name(low)
	}
	return false
}

// name: abbreviations that often stand inside a name or before one: "the U.S. Senate", "Apple Inc. Chairman". Times, lists and
// units end their sentence when a capital follows.
func name(low string) bool {
	switch low {
	case "etc", "a.m", "p.m", "jr", "esq", "ph.d", "m.d", "b.a", "m.a", "b.c", "a.d",
		"in", "oz", "lb", "lbs", "kg", "km", "cm", "mm", "sq", "cu", "min", "max", "avg", "hr", "hrs", "mon", "sat", "sun":
		return false
	}
	return true
}

// number: digits, or one small group of Roman digits, as before a list item or heading.
func number(word string) bool {
	return word != "" && len(word) <= 3 && strings.Trim(word, "0123456789") == "" ||
		len(word) <= 4 && word != "" && word != "I" && strings.Trim(word, "IVX") == ""
}

// initial: one capital letter.
func initial(word string) bool {
	r, size := utf8.DecodeRuneInString(word)
	return size > 0 && size == len(word) && unicode.IsUpper(r)
}

// dotted: single letters with full stops between, as in "U.S" or "a.k.a".
func dotted(word string) bool {
	parts := strings.Split(word, ".")
	for _, p := range parts {
		r, size := utf8.DecodeRuneInString(p)
		if size == 0 || size != len(p) || !unicode.IsLetter(r) {
			return false
		}
	}
	return len(parts) > 1
}

// nextWord is the word at the start of text, opening quotes left out, with the full stop that may follow it.
func nextWord(text string) string {
	text = strings.TrimLeft(text, "\"'([{“‘«")
	end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end < 0 {
		return text
	}
	if text[end] == '.' {
		return text[:end+1]
	}
	return text[:end]
}
