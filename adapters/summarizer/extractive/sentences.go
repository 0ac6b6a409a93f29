package extractive

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Sentence is a piece of a text.
type Sentence struct {
	Text       string
	Start, End int // bytes: Text is text[Start:End]
}

// Sentences splits text into sentences. A sentence ends after ., !, ?, their full-width and ideographic forms or an ellipsis, with closing
// quotes and brackets, unless what stands around says otherwise: abbreviations, initials, decimals, list numbers, domain names, a next word
// in lower case. Blank lines and list items always end one; a single newline doesn't, since text is often wrapped. Sentences have no white
// space at their ends and what lies between them is white space, so nothing is lost.
func Sentences(text string) []Sentence {
	var out []Sentence
	start := 0
	add := func(end int) {
		s := text[start:end]
		left := len(s) - len(strings.TrimLeftFunc(s, unicode.IsSpace))
		s = strings.TrimSpace(s)
		if s != "" {
			out = append(out, Sentence{Text: s, Start: start + left, End: start + left + len(s)})
		}
		start = end
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '\n' && hardBreak(text, start, i):
			add(i)
		case isTerminal(r):
			end := closing(text, terminals(text, i))
			if boundary(text, start, i, end) {
				add(end)
			}
			i = end
			continue
		}
		i += size
	}
	add(len(text))
	return out
}

func isTerminal(r rune) bool { return strings.ContainsRune(".!?…。！？｡", r) }

// terminals gives the end of the run of terminals at i.
func terminals(text string, i int) int {
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !isTerminal(r) {
			break
		}
		i += size
	}
	return i
}

// closing skips closing quotes and brackets, and note marks such as [12].
func closing(text string, i int) int {
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if strings.ContainsRune(`"')]}”’»」』）】`, r) {
			i += size
			continue
		}
		if r == '[' {
			if n := strings.IndexByte(text[i:min(i+6, len(text))], ']'); n > 1 && strings.Trim(text[i+1:i+n], "0123456789") == "" {
				i += n + 1
				continue
			}
		}
		break
	}
	return i
}

// hardBreak: the newline at i ends a paragraph, or a list item or heading begins after it, or a list item that began at start ends.
func hardBreak(text string, start, i int) bool {
	rest := strings.TrimLeft(text[i+1:], " \t\r")
	if rest == "" || rest[0] == '\n' {
		return true
	}
	return bullet(rest) > 0
}

// bullet gives the length of a list mark at the start of a line: -, *, •, 1., 2), (a), a) and white space; 0 for none.
func bullet(line string) int {
	r, size := utf8.DecodeRuneInString(line)
	if strings.ContainsRune("-*•‣◦–—·", r) {
		return before(line, size)
	}
	i := 0
	if r == '(' {
		i = 1
	}
	word := i
	for i < len(line) && line[i] >= '0' && line[i] <= '9' {
		i++
	}
	digits := i - word
	if digits == 0 && i < len(line) && (line[i] >= 'a' && line[i] <= 'z' || line[i] >= 'A' && line[i] <= 'Z') {
		i++
	}
	if i == word || i-word > 3 || i >= len(line) {
		return 0
	}
	if line[i] == ')' || line[i] == '.' && digits > 0 && word == 0 {
		return before(line, i+1)
	}
	return 0
}

// before gives n when white space follows at n, else 0.
func before(line string, n int) int {
	if n < len(line) && (line[n] == ' ' || line[n] == '\t') {
		return n
	}
	return 0
}

// boundary decides about the terminals at i and what closes after them until end, in a sentence that began at start.
func boundary(text string, start, i, end int) bool {
	first, size := utf8.DecodeRuneInString(text[i:])
	if strings.ContainsRune("。！？｡", first) {
		return true
	}
	next, at := nextRune(text, end)
	if next == utf8.RuneError || at == end { // the end of the text, or no white space: 3.5, example.com, U.S., ?!x
		return next == utf8.RuneError
	}
	if strings.ContainsRune(",;:", next) || unicode.IsLower(next) {
		return false
	}
	single := first == '.' && i+size == terminals(text, i)
	if !single { // !, ?, ... before a capital
		return true
	}
	return !abbreviated(text, start, i, at)
}

// nextRune gives the first character after white space and opening quotes, and where the white space ends; RuneError at the end of text.
func nextRune(text string, i int) (rune, int) {
	rest := strings.TrimLeftFunc(text[i:], unicode.IsSpace)
	at := len(text) - len(rest)
	rest = strings.TrimLeft(rest, "\"'([{“‘«「『¿¡")
	if rest == "" {
		return utf8.RuneError, len(text)
	}
	r, size := utf8.DecodeRuneInString(rest)
	if r == utf8.RuneError && size <= 1 {
		r = unicode.ReplacementChar + 1 // a broken byte, not the end
	}
	return r, at
}
