package qa

import (
	"fmt"

	"github.com/fmkit/fmkit/text"
)

// A Context is a tokenised text with the place of every token.
type Context struct {
	text    string
	ids     []int32 // without special tokens
	offsets []span  // beside ids, bytes of text
}

// NewContext tokenises a text.
func NewContext(m *text.Model, s string) (*Context, error) {
	e, err := m.Tokenizer.EncodePlain(s)
	if err != nil {
		return nil, fmt.Errorf("qa: context: %w", err)
	}
	c := &Context{text: s, ids: e.IDs, offsets: make([]span, len(e.IDs))}
	for i, o := range e.Offsets {
		c.offsets[i] = span{o.Start, o.End}
	}
	return c, nil
}

// Windows lays a question and a context out in rows.
func Windows(m *text.Model, question string, c *Context, s Settings) ([]Window, error) {
	l := layout{
		length: s.MaxLength, stride: s.Stride, question: s.MaxQuestion, frame: m.Tokenizer.Frame(true), types: m.Config.Types > 1,
	}
	return l.windows(m.Tokenizer.AppendIDs(nil, question), c.ids)
}

// Mark sets the window's answer to bytes start to end of the context, if it holds them all.
func (c *Context) Mark(w *Window, start, end int) { w.mark(span{start, end}, c.offsets) }
