package tokenizer

import "fmt"

// maxWindows bounds the windows of one encoding, for two texts that both overflow make the product of theirs.
const maxWindows = 1 << 16

// assemble truncates a and b (nil: one text) and puts special tokens round them.
func (p *postProcessor) assemble(a, b *Encoding, tr *Truncation) (*Encoding, error) {
	wa, wb := []window{{to: a.Len()}}, []window(nil)
	nb := -1
	if b != nil {
		nb = b.Len()
		wb = []window{{to: nb}}
	}
	if tr != nil {
		size := tr.MaxLength - p.added(b != nil)
		if size < 0 {
			return nil, fmt.Errorf("tokenizer: %w: length %d, want room for %d special tokens", ErrTruncation, tr.MaxLength, p.added(b != nil))
		}
		na, nb, err := tr.lengths(a.Len(), nb, size)
		if err != nil {
			return nil, err
		}
		if wa, err = tr.windows(a.Len(), na); err != nil {
			return nil, err
		}
		if b != nil {
			if wb, err = tr.windows(b.Len(), nb); err != nil {
				return nil, err
			}
		}
	}
	if b == nil {
		e := p.surround(a, wa[0], nil, window{})
		for _, w := range wa[1:] {
			e.Overflow = append(e.Overflow, p.surround(a, w, nil, window{}))
		}
		return e, nil
	}
	if len(wa)*len(wb) > maxWindows {
		return nil, fmt.Errorf("tokenizer: %w: got %d by %d windows, want at most %d", ErrLimit, len(wa), len(wb), maxWindows)
	}
	e := p.surround(a, wa[0], b, wb[0])
	over := func(v, w window) { e.Overflow = append(e.Overflow, p.surround(a, v, b, w)) }
	first, second := wa, wb // as the texts stand in the row
	if p.frame(true).Swapped {
		first, second, over = wb, wa, func(w, v window) { e.Overflow = append(e.Overflow, p.surround(a, v, b, w)) }
	}
	for _, v := range first[1:] {
		for _, w := range second {
			over(v, w)
		}
	}
	for _, w := range second[1:] {
		over(first[0], w)
	}
	return e, nil
}

// surround makes one encoding of a window of a and one of b (nil: one text).
func (p *postProcessor) surround(a *Encoding, wa window, b *Encoding, wb window) *Encoding {
	e := newEncoding(wa.to - wa.from + wb.to - wb.from + p.added(b != nil))
	e.whole = p == nil && b == nil
	for _, piece := range p.template(b != nil) {
		from, text := e.Len(), ""
		switch piece.seq {
		case 0:
			text = a.text
			e.addRange(a, wa, 0, p.typeOf(piece, wa))
		case 1:
			text = b.text
			e.addRange(b, wb, 1, p.typeOf(piece, wb))
		default:
			s := p.find(piece.name)
			for i, id := range s.ids {
				e.addSpecial(id, s.tokens[i], piece.typeID, true)
			}
			continue
		}
		p.trimOffsets(text, e.Tokens[from:], e.Offsets[from:])
	}
	return e
}

// typeOf gives the type ids of a window of a text. As in Hugging Face's library the template decides only about the first window; what
// overflows has 0 and 1 for the first and the second text, or always 0 with RoBERTa's post-processor.
func (p *postProcessor) typeOf(piece templatePiece, w window) int32 {
	if w.over && !(p != nil && p.zeroTypes) {
		return int32(piece.seq)
	}
	return piece.typeID
}
