package corpus

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	item     = regexp.MustCompile(`^\s*(?:[*+•–-]|\d{1,2}[.)]|#\.|\([a-z0-9]\))\s+`)
	columns  = regexp.MustCompile(`\S {3,}\S.*\S {3,}\S`)
	markup   = regexp.MustCompile(`^\s*(?:\.\. ?|:[\w ]+:|::|</?[a-zA-Z!][^>]*>\s*$|@\w+\{|\{%|\\[a-z]+\{|!\[)`)
	prompt   = regexp.MustCompile(`^\s*(?:>>> ?|\.\.\. |\$ |# |#include|#define)`)
	codeLine = regexp.MustCompile(`^(?:import \w|from [\w.]+ import|def \w+\(|(?:async |public |static |struct |class )\w+.*[({:]$|return\b.*[^.]$|[\w.\[\]"']+ ?[-+*/|]?= ?\S|[\w.]+\(.*\)[;:]?$)`)
	block    = regexp.MustCompile(`^(?:if|for|while|else|elif|try|except|with)\b.*:$`)
)

// rule says whether a line has no letters and no digits.
func rule(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// noText says whether a line is markup, a command or a row between bars, whatever stands around it.
func noText(s string) bool {
	trimmed := strings.TrimSpace(s)
	return starts(trimmed, ".:<@{\\!") && markup.MatchString(s) || starts(trimmed, ">.$#") && prompt.MatchString(s) || strings.Count(s, "|") > 1
}

// codeOrTable says whether a line looks like code or a row of a table; the first line of a paragraph may open a block.
func codeOrTable(s string, first bool) bool {
	trimmed := strings.TrimSpace(s)
	return codeLike(trimmed) && codeLike(unmark(trimmed)) || strings.Contains(s, "   ") && columns.MatchString(s) || codeLine.MatchString(trimmed) ||
		first && block.MatchString(trimmed)
}

// codeLike says whether a line has more than one sign of code for six letters.
func codeLike(s string) bool {
	letters, signs := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letters++
		case strings.ContainsRune("{}[]=<>_;\\|$#^~`+*/&()%", r):
			signs++
		}
	}
	return signs > 2 && signs*6 > letters
}

// heading says whether a paragraph of one line is a heading: between equals signs, or short, without an end mark, and with
// capitals at most of its longer words.
func heading(s string) bool {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "=") && strings.HasSuffix(s, "=") || strings.HasPrefix(s, "#") {
		return true
	}
	if strings.ContainsRune(`.?!:;,"'”’)…—`, lastRune(s)) && strings.ToUpper(s) != s {
		return false
	}
	fields := strings.Fields(s)
	if len(fields) > 12 {
		return false
	}
	long, capital := 0, 0
	for _, w := range fields {
		r := []rune(strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) }))
		if len(r) > 3 {
			long++
			if unicode.IsUpper(r[0]) {
				capital++
			}
		}
	}
	return 2*capital > long || long == 0
}

func lastRune(s string) rune {
	r := ' '
	for _, r = range s {
	}
	return r
}

// joinWrapped joins wrapped lines; a word divided at a hyphen keeps it.
func joinWrapped(lines []string) string {
	var b strings.Builder
	for i, s := range lines {
		if i > 0 {
			last := lines[i-1]
			divided := strings.HasSuffix(last, "-") && !strings.HasSuffix(last, "--") && len(last) > 1 && isLetter(last[len(last)-2]) && isLetter(s[0])
			if !divided {
				b.WriteByte(' ')
			}
		}
		b.WriteString(s)
	}
	return b.String()
}

// starts says whether the first byte of a text is one of those given.
func starts(s, bytes string) bool { return strings.IndexByte(bytes, s[0]) >= 0 }

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

var inline = []struct {
	find *regexp.Regexp
	to   string
}{
	{regexp.MustCompile("``([^`]+)``"), "$1"},
	{regexp.MustCompile("(?::[a-zA-Z:]+:)?`([^`<]+?)(?: *<[^>`]*>)?`_{0,2}"), "$1"},
	{regexp.MustCompile(`!?\[([^\]]+)\]\([^)\s]*\)`), "$1"},
	{regexp.MustCompile(`\*\*([^*]+)\*\*`), "$1"},
	{regexp.MustCompile(`\*(\S[^*]*?)\*`), "$1"},
	{regexp.MustCompile(`(^|[\s(“"'‘—-])_([^_]+)_`), "$1$2"},
	{regexp.MustCompile(`</?[a-zA-Z][^<>]{0,200}>`), ""},
	{regexp.MustCompile(`::(\s|$)`), ":$1"},
	{regexp.MustCompile(` ?\[[#\w]*\]_`), ""},
	{regexp.MustCompile(`\\([-*_#.\[\]()])`), "$1"},
}

// unmark takes inline markup of reStructuredText, Markdown and HTML off a text.
func unmark(s string) string {
	if !strings.ContainsAny(s, "`*_<[:\\") {
		return s
	}
	for _, m := range inline {
		if m.to == "" && strings.Contains(s, "<unk>") {
			continue
		}
		s = m.find.ReplaceAllString(s, m.to)
	}
	return s
}
