package corpus

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// paragraphBytes is where a paragraph of running text is cut.
const paragraphBytes = 64 << 10

// A proseReader finds running text in lines: paragraphs between blank lines, whose wrapped lines it joins. Rules, tables, code and markup are
// dropped line by line. A document ends at a heading, at two blank lines, after documentWords words and with the file.
type proseReader struct {
	flow
	dropped func(string) // what is left out

	paragraph []string
	bytes     int
	code      int  // lines of the paragraph that look like code or a table
	list      bool // the paragraph is an item
	indent    int  // of the paragraph's first line
	blanks    int
	literal   int  // lines indented by more are literal; -1 outside
	fence     bool // between lines that open and close a block of code
}

func newProseReader(give func(*document) error, dropped func(string)) *proseReader {
	return &proseReader{flow: newFlow(give), dropped: dropped, literal: -1}
}

// readProse reads a file of running text.
func readProse(l location, give func(*document) error, dropped func(string)) error {
	p := newProseReader(give, dropped)
	if err := l.eachLine(func(_ int, s string) error { return p.line(s) }); err != nil {
		return err
	}
	return p.end()
}

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
	if noText(s) {
		if strings.HasPrefix(trimmed, "..") {
			p.markupBlock(trimmed, indent)
		}
		return p.leaveOut(s)
	}
	return p.text(s, indent)
}

// text takes a line of a paragraph; an item begins a new one.
func (p *proseReader) text(s string, indent int) error {
	trimmed := strings.TrimSpace(s)
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
	if codeOrTable(s, len(p.paragraph) == 0) {
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
	return p.add(unmark(text))
}

func (p *proseReader) end() error {
	if err := p.endParagraph(); err != nil {
		return err
	}
	return p.endDocument()
}
