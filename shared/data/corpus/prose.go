package corpus

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a document and a paragraph of running text.
const (
	documentWords  = 800      // a document ends with the paragraph that reaches it
	paragraphBytes = 64 << 10 // a longer paragraph is cut
)

// A proseReader finds running text in lines: paragraphs between blank lines, whose wrapped lines it joins. Rules, tables, code and markup are
// dropped line by line. A document ends at a heading, at two blank lines, after documentWords words and with the file.
type proseReader struct {
	give    func(*document) error
	dropped func(string) // what is left out

	doc       *document
	words     int
	paragraph []string
	bytes     int
	code      int  // lines of the paragraph that look like code or a table
	list      bool // the paragraph is an item
	indent    int  // of the paragraph's first line
	blanks    int
	literal   int  // lines indented by more are literal; -1 outside
	fence     bool // between lines that open and close a block of code
	gap       bool // something was dropped since the last sentence
}

func newProseReader(give func(*document) error, dropped func(string)) *proseReader {
	return &proseReader{give: give, dropped: dropped, doc: &document{}, literal: -1}
}

// readProse reads a file of running text.
func readProse(l location, give func(*document) error, dropped func(string)) error {
	p := newProseReader(give, dropped)
	if err := l.eachLine(func(_ int, s string) error { return p.line(s) }); err != nil {
		return err
	}
	return p.end()
}

var (
	item     = regexp.MustCompile(`^\s*(?:[*+•–-]|\d{1,2}[.)]|#\.|\([a-z0-9]\))\s+`)
	columns  = regexp.MustCompile(`\S {3,}\S.*\S {3,}\S`)
	markup   = regexp.MustCompile(`^\s*(?:\.\. ?|:[\w ]+:|::|</?[a-zA-Z!][^>]*>\s*$|@\w+\{|\{%|\\[a-z]+\{|!\[)`)
	prompt   = regexp.MustCompile(`^\s*(?:>>> ?|\.\.\. |\$ |# |#include|#define)`)
	codeLine = regexp.MustCompile(`^(?:import \w|from [\w.]+ import|def \w+\(|(?:async |public |static |struct |class )\w+.*[({:]$|return\b.*[^.]$|[\w.\[\]"']+ ?[-+*/|]?= ?\S|[\w.]+\(.*\)[;:]?$)`)
	block    = regexp.MustCompile(`^(?:if|for|while|else|elif|try|except|with)\b.*:$`)
)

// line takes the next line.
func (p *proseReader) line(s string) error {
	trimmed := strings.TrimSpace(s)
	if trimmed == "" {
		if err := p.endParagraph(); err != nil {
			return err
		}
		p.blanks++
		if p.blanks == 2 && p.literal < 0 && !p.fence {
			return p.endDocument()
		}
		return nil
	}
	p.blanks = 0
	indent := len(s) - len(strings.TrimLeft(s, " \t"))
	if strings.HasPrefix(trimmed, "```") {
		p.fence = !p.fence
		return p.leaveOut(s)
	}
	if p.fence || p.literal >= 0 && indent > p.literal {
		return p.leaveOut(s)
	}
	p.literal = -1
	if rule(trimmed) {
		if len(p.paragraph) == 1 { // the line above is a heading
			p.dropParagraph()
			if err := p.endDocument(); err != nil {
				return err
			}
		}
		return p.leaveOut(s)
	}
	if strings.HasPrefix(trimmed, "> ") { // a quotation
		s = strings.Replace(s, "> ", "  ", 1)
		trimmed = strings.TrimSpace(s)
	}
	if starts(trimmed, ".:<@{\\!") && markup.MatchString(s) || starts(trimmed, ">.$#") && prompt.MatchString(s) || strings.Count(s, "|") > 1 {
		if strings.HasPrefix(trimmed, "..") {
			p.markupBlock(trimmed, indent)
		}
		return p.leaveOut(s)
	}
	if (len(p.paragraph) == 0 || p.list) && !isLetter(trimmed[0]) {
		if m := item.FindString(s); m != "" {
			if err := p.endParagraph(); err != nil {
				return err
			}
			p.list = true
			s = s[len(m):]
			if trimmed = strings.TrimSpace(s); trimmed == "" {
				return nil
			}
		}
	}
	if len(p.paragraph) == 0 {
		p.indent = indent
	}
	if codeLike(trimmed) && codeLike(unmark(trimmed)) || strings.Contains(s, "   ") && columns.MatchString(s) || codeLine.MatchString(trimmed) || len(p.paragraph) == 0 && block.MatchString(trimmed) {
		p.code++
	}
	p.paragraph = append(p.paragraph, trimmed)
	p.bytes += len(trimmed)
	if p.bytes > paragraphBytes {
		return p.endParagraph()
	}
	return nil
}

// markupBlock decides whether what is indented below a directive is text.
func (p *proseReader) markupBlock(directive string, indent int) {
	if !strings.Contains(directive, "::") && !starts(strings.TrimSpace(directive[2:])+" ", "[_|") { // a comment
		p.literal = indent
		return
	}
	for _, d := range []string{"code", "highlight", "sourcecode", "parsed-literal", "doctest", "testcode", "productionlist", "toctree", "index", "csv-table", "table", "image", "figure", "math", "raw", "kernel-"} {
		if strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(directive, "..")), d) {
			p.literal = indent
		}
	}
}

// leaveOut ends the paragraph and drops a line.
func (p *proseReader) leaveOut(s string) error {
	err := p.endParagraph()
	p.dropped(s)
	p.gap = true
	return err
}

func (p *proseReader) dropParagraph() {
	for _, s := range p.paragraph {
		p.dropped(s)
	}
	p.reset()
	p.gap = true
}

func (p *proseReader) reset() { p.paragraph, p.bytes, p.code, p.list = p.paragraph[:0], 0, 0, false }

// isCode says whether the paragraph is code or a table: most of its lines look so, or half of them where it does not read like a sentence.
func (p *proseReader) isCode() bool {
	first, _ := utf8.DecodeRuneInString(p.paragraph[0])
	if unicode.IsUpper(first) && strings.ContainsRune(".:?!", lastRune(p.paragraph[len(p.paragraph)-1])) {
		return 2*p.code > len(p.paragraph)
	}
	return p.code > 0 && 2*p.code >= len(p.paragraph)
}

// endParagraph cuts the paragraph into sentences.
func (p *proseReader) endParagraph() error {
	if len(p.paragraph) == 0 {
		return nil
	}
	if last := p.paragraph[len(p.paragraph)-1]; strings.HasSuffix(last, "::") {
		p.literal = p.indent
	}
	if len(p.paragraph) == 1 && !p.list && heading(p.paragraph[0]) {
		p.dropParagraph()
		return p.endDocument()
	}
	if p.isCode() {
		p.dropParagraph()
		return nil
	}
	text := joinWrapped(p.paragraph)
	p.reset()
	for _, s := range sentences(unmark(text)) {
		id := p.doc.add(s)
		p.doc.lines[id].gap = p.gap
		p.gap = false
		p.words += words(s)
	}
	if p.words >= documentWords {
		return p.endDocument()
	}
	return nil
}

func (p *proseReader) endDocument() error {
	d := p.doc
	p.doc, p.words, p.gap = &document{}, 0, false
	if len(d.lines) == 0 {
		return nil
	}
	return p.give(d)
}

func (p *proseReader) end() error {
	if err := p.endParagraph(); err != nil {
		return err
	}
	return p.endDocument()
}

// rule says whether a line has no letters and no digits.
func rule(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
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
