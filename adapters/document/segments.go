package document

import (
	"strings"
	"unicode"

	"github.com/fmkit/fmkit/adapters/summarizer/extractive"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// Segments are the parts of a document, in order, without white space at their ends.
type Segments struct {
	Pages      []Span `json:"pages"`      // between form feeds; an empty page is an empty span
	Paragraphs []Span `json:"paragraphs"` // between blank lines; one may go on over the end of a page
	Sentences  []Span `json:"sentences"`  // within paragraphs, also over the end of a page
}

// segment divides a document.
func (p *plain) segment() Segments {
	var pages []tokenizer.Span
	at := 0
	for page := range strings.SplitSeq(p.given[p.shift:], "\f") {
		pages = append(pages, trimmed(p.read, at, at+len(page)))
		at += len(page) + 1
	}
	var sentences []tokenizer.Span
	for _, s := range extractive.Sentences(p.read) {
		sentences = append(sentences, tokenizer.Span{Start: s.Start, End: s.End})
	}
	return Segments{Pages: p.spans(pages), Paragraphs: p.spans(paragraphs(p.read)), Sentences: p.spans(sentences)}
}

// paragraphs finds runs of lines that aren't blank.
func paragraphs(text string) []tokenizer.Span {
	var all []tokenizer.Span
	at, open := 0, false
	for line := range strings.SplitAfterSeq(text, "\n") {
		s := trimmed(text, at, at+len(line))
		at += len(line)
		if s.Start == s.End {
			open = false
			continue
		}
		if !open {
			all = append(all, s)
		}
		all[len(all)-1].End, open = s.End, true
	}
	return all
}

// trimmed is text[start:end] without white space at its ends.
func trimmed(text string, start, end int) tokenizer.Span {
	s := text[start:end]
	start += len(s) - len(strings.TrimLeftFunc(s, unicode.IsSpace))
	return tokenizer.Span{Start: start, End: max(start, start+len(strings.TrimSpace(s)))}
}
