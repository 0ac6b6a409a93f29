package tokenizer

import "fmt"

// maxWindows bounds the windows of one encoding, for two texts that both overflow make the product of theirs.
const maxWindows = 1 << 16

// assemble truncates a and b (nil: one text) and puts special tokens round them.
func (p *postProcessor) assemble(a, b *Encoding, tr *Truncation) (*Encoding, error) {
	wa, wb := []window{{0, a.Len()}}, []window(nil)
	nb := -1
	if b != nil {
		nb = b.Len()
		wb = []window{{0, nb}}
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
	for _, w := range wa[1:] {
		for _, v := range wb {
			e.Overflow = append(e.Overflow, p.surround(a, w, b, v))
		}
	}
	for _, v := range wb[1:] {
		e.Overflow = append(e.Overflow, p.surround(a, wa[0], b, v))
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
			e.addRange(a, wa.from, wa.to, 0, piece.typeID)
		case 1:
			text = b.text
			e.addRange(b, wb.from, wb.to, 1, piece.typeID)
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
