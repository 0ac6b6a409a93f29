package tokenizer

import "unicode/utf8"

// A Span is the half-open range [Start, End) of a text.
type Span struct{ Start, End int }

// An Encoding is one tokenised text or pair of texts. Every slice has one element a token.
type Encoding struct {
	IDs       []int32
	TypeIDs   []int32  // 0 or 1, as the post-processor says
	Tokens    []string // as the vocabulary spells them; an added token as the text spells it
	Offsets   []Span   // bytes in the text that the token comes from; {0, 0} for tokens that come from none
	Words     []int32  // index of the word in its text, -1 for tokens that come from none
	Sequences []int8   // 0 first text, 1 second text, -1 neither
	Special   []bool   // added by the post-processor or by padding
	Attention []bool   // false for padding

	// Overflow holds what truncation cut off, in windows that overlap by the stride, each with its own special tokens.
	Overflow []*Encoding

	text  string // while offsets are not final
	whole bool   // one text without post-processor: padding counts as the text's, as in Hugging Face's library
}

// Len gives the number of tokens.
func (e *Encoding) Len() int { return len(e.IDs) }

// newEncoding makes an encoding with room for n tokens.
func newEncoding(n int) *Encoding {
	return &Encoding{
		IDs: make([]int32, 0, n), TypeIDs: make([]int32, 0, n), Tokens: make([]string, 0, n), Offsets: make([]Span, 0, n),
		Words: make([]int32, 0, n), Sequences: make([]int8, 0, n), Special: make([]bool, 0, n), Attention: make([]bool, 0, n),
	}
}

// add appends one token that belongs to a text.
func (e *Encoding) add(id int32, token string, at Span, word int32) {
	e.IDs = append(e.IDs, id)
	e.TypeIDs = append(e.TypeIDs, 0)
	e.Tokens = append(e.Tokens, token)
	e.Offsets = append(e.Offsets, at)
	e.Words = append(e.Words, word)
	e.Sequences = append(e.Sequences, 0)
	e.Special = append(e.Special, false)
	e.Attention = append(e.Attention, true)
}

// addSpecial appends one token that belongs to no text.
func (e *Encoding) addSpecial(id int32, token string, typeID int32, attention bool) {
	e.add(id, token, Span{}, -1)
	n := len(e.IDs) - 1
	e.TypeIDs[n], e.Sequences[n], e.Special[n], e.Attention[n] = typeID, -1, true, attention
}

// addRange appends the tokens of o in a window, which then belong to text seq and have the given type.
func (e *Encoding) addRange(o *Encoding, w window, seq int8, typeID int32) {
	e.IDs = append(e.IDs, o.IDs[w.from:w.to]...)
	e.Tokens = append(e.Tokens, o.Tokens[w.from:w.to]...)
	e.Offsets = append(e.Offsets, o.Offsets[w.from:w.to]...)
	e.Words = append(e.Words, o.Words[w.from:w.to]...)
	e.Special = append(e.Special, o.Special[w.from:w.to]...)
	e.Attention = append(e.Attention, o.Attention[w.from:w.to]...)
	for range w.to - w.from {
		e.Sequences = append(e.Sequences, seq)
		e.TypeIDs = append(e.TypeIDs, typeID)
	}
}

// CodePoints converts byte spans of text into spans of code points, as Python counts them. A byte that is not UTF-8
// counts as one code point; a bound inside a code point moves to its start. Spans may come in any order; bounds past the end mean the end.
func CodePoints(text string, spans []Span) []Span {
	out := make([]Span, len(spans))
	var c counter
	c.text = text
	for i, s := range spans {
		out[i].Start = c.at(s.Start)
		out[i].End = c.at(s.End)
	}
	return out
}

// A counter counts the code points before a byte position, going on from the last position it was asked for.
type counter struct {
	text        string
	byte, point int
}

func (c *counter) at(pos int) int {
	if pos < c.byte {
		if pos < c.byte/2 {
			c.byte, c.point = 0, 0
		}
		for c.byte > pos {
			_, n := utf8.DecodeLastRuneInString(c.text[:c.byte])
			c.byte -= n
			c.point--
		}
	}
	for c.byte < pos && c.byte < len(c.text) {
		n := 1
		if c.text[c.byte] >= utf8.RuneSelf {
			_, n = utf8.DecodeRuneInString(c.text[c.byte:])
		}
		if c.byte+n > pos {
			break
		}
		c.byte += n
		c.point++
	}
	return c.point
}
