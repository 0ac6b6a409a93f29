package corpus

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/fmkit/fmkit/shared/data"
)

// A pageReader finds running text in HTML, XHTML and the help formats that look like it: the paragraphs, items and definitions. Code, tables of
// contents, scripts and what is too short for a sentence are dropped. A document ends at a heading, after documentWords words and with the file.
type pageReader struct {
	flow
	dropped func(string)
	text    strings.Builder
	open    []atom.Atom // skipped elements that are open
}

// readHTML reads a page.
func readHTML(l location, give func(*document) error, dropped func(string)) error {
	f, err := l.open()
	if err != nil {
		return err
	}
	defer f.Close()
	p := &pageReader{flow: newFlow(give), dropped: dropped}
	if err := p.read(f); err != nil {
		return &data.RowError{File: l.real, Err: err}
	}
	return nil
}

// pageShare is the least number of words of a paragraph that does not end like a sentence.
const pageShare = 8

// skipped are elements whose text is no running text.
var skipped = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Pre: true, atom.Head: true, atom.Nav: true, atom.Table: true, atom.Textarea: true, atom.Svg: true,
	atom.Noscript: true, atom.Template: true, atom.Footer: true,
}

// flowing are the elements inside a paragraph; every other one ends it.
var flowing = map[atom.Atom]bool{
	atom.A: true, atom.Abbr: true, atom.B: true, atom.Cite: true, atom.Code: true, atom.Em: true, atom.Font: true, atom.I: true, atom.Kbd: true,
	atom.Q: true, atom.Samp: true, atom.Small: true, atom.Span: true, atom.Strong: true, atom.Sub: true, atom.Sup: true, atom.Tt: true, atom.U: true, atom.Var: true,
}

// inlineNames are such elements of help formats, which HTML has no name for.
var inlineNames = map[string]bool{"gui": true, "key": true, "keyseq": true, "guiseq": true, "link": true, "app": true, "cmd": true, "file": true, "emph": true, "sys": true, "input": true, "output": true}

func (p *pageReader) read(r io.Reader) error {
	z := html.NewTokenizer(r)
	z.SetMaxBuf(maxLine)
	for {
		switch z.Next() {
		case html.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) {
				return fmt.Errorf("html: %w", err)
			}
			if err := p.endParagraph(); err != nil {
				return err
			}
			return p.endDocument()
		case html.TextToken:
			raw := z.Text()
			if !utf8.Valid(raw) {
				return data.ErrEncoding
			}
			if len(p.open) == 0 && p.text.Len() < paragraphBytes {
				p.text.Write(raw)
			}
		case html.StartTagToken:
			if err := p.tag(z, true); err != nil {
				return err
			}
		case html.EndTagToken:
			if err := p.tag(z, false); err != nil {
				return err
			}
		case html.SelfClosingTagToken:
			if err := p.tag(z, false); err != nil {
				return err
			}
		}
	}
}

// tag takes the begin or the end of an element.
func (p *pageReader) tag(z *html.Tokenizer, begins bool) error {
	raw, _ := z.TagName()
	name := atom.Lookup(raw)
	if n := len(p.open); n > 0 {
		switch {
		case begins && name == p.open[0]:
			p.open = append(p.open, name)
		case !begins && name == p.open[0]:
			p.open = p.open[:n-1]
		}
		return nil
	}
	if flowing[name] || inlineNames[string(raw)] {
		return nil
	}
	if name == atom.Br {
		p.text.WriteByte(' ')
		return nil
	}
	heading := name == atom.H1 || name == atom.H2 || name == atom.H3 || name == atom.Title
	if heading && !begins { // its text is no sentence
		p.leaveOut()
		return nil
	}
	if err := p.endParagraph(); err != nil {
		return err
	}
	if begins && skipped[name] {
		p.open = append(p.open, name)
		p.gap = true
	}
	if heading {
		return p.endDocument()
	}
	return nil
}

func (p *pageReader) leaveOut() {
	if s := strings.TrimSpace(p.text.String()); s != "" {
		p.dropped(s)
		p.gap = true
	}
	p.text.Reset()
}

// endParagraph cuts the paragraph into sentences.
func (p *pageReader) endParagraph() error {
	text := strings.Join(strings.Fields(html.UnescapeString(p.text.String())), " ")
	if text == "" {
		p.text.Reset()
		return nil
	}
	if !strings.ContainsRune(".?!:", lastRune(strings.TrimRight(text, `"'”’)`))) && words(text) < pageShare || codeLike(text) {
		p.leaveOut()
		return nil
	}
	p.text.Reset()
	return p.add(text)
}
