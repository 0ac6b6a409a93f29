package document

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fmkit/fmkit/text/tokenizer"
)

// MaxBytes bounds a document.
const MaxBytes = 1 << 20

// Errors of documents that a caller may branch on.
var (
	ErrText  = errors.New("document: not UTF-8")
	ErrEmpty = errors.New("document: there is no text in it")
	ErrSize  = errors.New("document: too long")
)

// mark is the byte order mark of UTF-8.
const mark = "\ufeff"

// A plain is a text as it was given, and as the parts read it: without the mark, with line feeds for line ends and page ends. Apart from the mark every byte keeps its place.
type plain struct {
	given string
	read  string
	shift int // of a byte of read, to the same one of given
}

// newPlain checks a text.
func newPlain(text string) (*plain, error) {
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("%w: got %d bytes, want at most %d", ErrSize, len(text), MaxBytes)
	}
	if at := invalid(text); at >= 0 {
		return nil, fmt.Errorf("%w: byte %d is %#02x", ErrText, at, text[at])
	}
	read := strings.TrimPrefix(text, mark)
	p := &plain{given: text, shift: len(text) - len(read)}
	p.read = strings.NewReplacer("\r\n", " \n", "\r", "\n", "\f", "\n").Replace(read)
	if strings.TrimSpace(read) == "" {
		return nil, ErrEmpty
	}
	return p, nil
}

// invalid finds the first byte that isn't UTF-8, or gives -1.
func invalid(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(text[i:]); n == 1 {
				return i
			}
		}
	}
	return -1
}

// A Span is a part of the document: code points, and bytes in the Go API. The text from StartByte to EndByte is what it quotes.
type Span struct {
	Start     int `json:"start"`
	End       int `json:"end"`
	StartByte int `json:"-"`
	EndByte   int `json:"-"`
}

// spans makes Spans of bytes of read.
func (p *plain) spans(bytes []tokenizer.Span) []Span {
	shifted := make([]tokenizer.Span, len(bytes))
	for i, b := range bytes {
		shifted[i] = tokenizer.Span{Start: b.Start + p.shift, End: b.End + p.shift}
	}
	all := make([]Span, len(bytes))
	for i, c := range tokenizer.CodePoints(p.given, shifted) {
		all[i] = Span{c.Start, c.End, shifted[i].Start, shifted[i].End}
	}
	return all
}

// span makes a Span of bytes of read.
func (p *plain) span(start, end int) Span {
	return p.spans([]tokenizer.Span{{Start: start, End: end}})[0]
}

// quote is the text of a span.
func (p *plain) quote(s Span) string { return p.given[s.StartByte:s.EndByte] }
