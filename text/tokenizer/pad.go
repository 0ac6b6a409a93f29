package tokenizer

// A Padding fills encodings up to a length.
type Padding struct {
	Length     int // 0: the longest of the batch
	MultipleOf int // 0: any length
	Left       bool
	ID         int32
	TypeID     int32
	Token      string
}

func (p *Padding) check(t *Tokenizer) error {
	if p.Length < 0 || p.Length > maxPositions || p.MultipleOf < 0 || p.MultipleOf > maxPositions {
		return errorf("padding", ErrLimit, "got length %d, multiple of %d, want 0 to %d", p.Length, p.MultipleOf, maxPositions)
	}
	if id, ok := t.ids[p.Token]; !ok || id != p.ID {
		return errorf("padding", ErrSpecialToken, "token %.80q with id %d", p.Token, p.ID)
	}
	return nil
}

func parsePadding(raw []byte) (*Padding, error) {
	o := openObject("padding", raw)
	p := &Padding{
		MultipleOf: o.number("pad_to_multiple_of", 0, maxPositions, 0), ID: int32(o.number("pad_id", 0, MaxVocab-1)),
		TypeID: int32(o.number("pad_type_id", 0, 1<<30, 0)), Token: o.text("pad_token"),
	}
	switch d := o.text("direction", "Right"); d {
	case "Left":
		p.Left = true
	case "Right":
	default:
		o.fail("direction", "Left or Right", []byte(d))
	}
	switch raw := o.take("strategy"); {
	case raw == nil || string(raw) == `"BatchLongest"`:
	case raw[0] == '{':
		s := openObject("padding.strategy", raw)
		p.Length = s.number("Fixed", 1, maxPositions)
		if err := s.close(); err != nil {
			return nil, err
		}
	default:
		o.fail("strategy", `"BatchLongest" or {"Fixed": N}`, raw)
	}
	return p, o.close()
}

// Pad fills the encodings of one batch, and what overflowed from them, to one length as t's padding says. Without
// padding it does nothing.
func (t *Tokenizer) Pad(batch []*Encoding) {
	if t.pad == nil {
		return
	}
	n := t.pad.Length
	if n == 0 {
		for _, e := range batch {
			n = max(n, e.Len())
		}
	}
	if m := t.pad.MultipleOf; m > 0 && n%m > 0 {
		n += m - n%m
	}
	for _, e := range batch {
		t.pad.fill(e, n)
	}
}

func (p *Padding) fill(e *Encoding, n int) {
	for _, o := range e.Overflow {
		p.fill(o, n)
	}
	missing := n - e.Len()
	if missing <= 0 {
		return
	}
	out := e
	if p.Left {
		out = newEncoding(n)
		out.Overflow, out.whole = e.Overflow, e.whole
	}
	for range missing {
		out.addSpecial(p.ID, p.Token, p.TypeID, false)
		if e.whole {
			out.Sequences[len(out.Sequences)-1] = 0
		}
	}
	if p.Left {
		out.join(e)
		*e = *out
	}
}

// join appends all tokens of o as they are.
func (e *Encoding) join(o *Encoding) {
	e.IDs = append(e.IDs, o.IDs...)
	e.TypeIDs = append(e.TypeIDs, o.TypeIDs...)
	e.Tokens = append(e.Tokens, o.Tokens...)
	e.Offsets = append(e.Offsets, o.Offsets...)
	e.Words = append(e.Words, o.Words...)
	e.Sequences = append(e.Sequences, o.Sequences...)
	e.Special = append(e.Special, o.Special...)
	e.Attention = append(e.Attention, o.Attention...)
}
