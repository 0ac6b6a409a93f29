package tokenizer

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// A scratch holds everything that one encode needs, for reuse.
type scratch struct {
	text      []byte
	fixed     aligned // text with bad UTF-8 repaired
	even, odd aligned // successive results of normalisation
	flip      bool
	prefixed  aligned
	forms     forms
	runes     [4]rune // what one code point becomes
	bpe       bpeScratch
	cache     cache
	ids, ends []int32 // of the current word

	out  []int32   // ids, when no encoding is wanted
	enc  *Encoding // else the encoding
	word int32     // index of the next word
}

// AppendIDs appends the ids of text to dst, without special tokens, truncation or padding: the fast path, with no garbage in steady state.
func (t *Tokenizer) AppendIDs(dst []int32, text string) []int32 {
	s := t.scratch.Get().(*scratch)
	s.out, s.enc = dst, nil
	t.run(s, text)
	dst = s.out
	s.out = nil
	t.release(s)
	return dst
}

// EncodePlain encodes text without special tokens, truncation or padding: the ids of AppendIDs. It fails only on a text
// over MaxTextBytes.
func (t *Tokenizer) EncodePlain(text string) (*Encoding, error) {
	e, err := t.encode(text)
	if err != nil {
		return nil, err
	}
	t.post.trimOffsets(text, e.Tokens, e.Offsets)
	for _, piece := range t.post.template(false) {
		for i := range e.TypeIDs {
			if piece.seq == 0 {
				e.TypeIDs[i] = piece.typeID
			}
		}
	}
	e.text = ""
	return e, nil
}

func (t *Tokenizer) encode(text string) (*Encoding, error) {
	if len(text) > MaxTextBytes {
		return nil, fmt.Errorf("tokenizer: text: %w: got %d bytes, want at most %d", ErrLimit, len(text), MaxTextBytes)
	}
	s := t.scratch.Get().(*scratch)
	e := newEncoding(len(text)/4 + 4)
	e.text = text
	s.enc, s.word = e, 0
	t.run(s, text)
	s.enc = nil
	t.release(s)
	return e, nil
}

// Encode encodes one text: special tokens, truncation and padding as t says.
func (t *Tokenizer) Encode(text string) (*Encoding, error) {
	a, err := t.encode(text)
	if err != nil {
		return nil, err
	}
	return t.finish(a, nil)
}

// EncodePair encodes two texts, such as a question and its context. Offsets and words count within each text; Sequences says which.
func (t *Tokenizer) EncodePair(a, b string) (*Encoding, error) {
	ea, err := t.encode(a)
	if err != nil {
		return nil, err
	}
	eb, err := t.encode(b)
	if err != nil {
		return nil, err
	}
	return t.finish(ea, eb)
}

// EncodeBatch encodes texts and pads them to one length as t's padding says.
func (t *Tokenizer) EncodeBatch(texts []string) ([]*Encoding, error) {
	out := make([]*Encoding, len(texts))
	plain := *t
	plain.pad = nil
	for i, text := range texts {
		e, err := plain.Encode(text)
		if err != nil {
			return nil, fmt.Errorf("text %d: %w", i, err)
		}
		out[i] = e
	}
	t.Pad(out)
	return out, nil
}

// finish truncates, adds special tokens and pads.
func (t *Tokenizer) finish(a, b *Encoding) (*Encoding, error) {
	e, err := t.post.assemble(a, b, t.trunc)
	if err != nil {
		return nil, err
	}
	if t.pad != nil {
		t.Pad([]*Encoding{e})
	}
	return e, nil
}

// keepBytes bounds the buffers that wait for the next text, so that one huge text doesn't hold its memory for ever.
const keepBytes = 1 << 20

func (t *Tokenizer) release(s *scratch) {
	if cap(s.text) > keepBytes {
		c := s.cache
		*s = scratch{cache: c}
	}
	t.scratch.Put(s)
}

// run encodes text into s.out or s.enc.
func (t *Tokenizer) run(s *scratch, text string) {
	track := s.enc != nil
	t.between(s, s.load(text), t.rawTokens, func(part aligned) {
		if t.norm != nil {
			part = t.norm.apply(s, part, track)
		}
		t.between(s, part, t.fixTokens, func(part aligned) { t.words(s, part) })
	})
}

// between emits the added tokens of src that m finds and calls f with what lies between them.
func (t *Tokenizer) between(s *scratch, src aligned, m *matcher, f func(aligned)) {
	at, from, taken := 0, 0, 0
	for m != nil {
		found, ok := m.find(src.b, from, at, taken)
		if !ok {
			break
		}
		if at < found.start {
			f(src.slice(at, found.start))
		}
		at, from, taken = found.end, found.next, max(taken, found.end)
		switch {
		case found.start >= found.end: // the one before took all of it
		case s.enc == nil:
			s.out = append(s.out, found.id)
		default:
			s.enc.add(found.id, string(src.b[found.start:found.end]), src.at(found.start, found.end), s.word)
			s.word++
		}
	}
	if at < len(src.b) {
		f(src.slice(at, len(src.b)))
	}
}

// words cuts normalised text into words and emits their tokens.
func (t *Tokenizer) words(s *scratch, src aligned) {
	switch p := t.plan; {
	case len(p) == 0:
		t.emit(s, &src, 0, len(src.b))
	case len(p) == 1 && p[0].kind == "BertPreTokenizer":
		for i, j := nextBert(src.b, 0); i < len(src.b); i, j = nextBert(src.b, j) {
			t.emit(s, &src, i, j)
		}
	case len(p) == 1 && p[0].kind == "ByteLevel":
		t.byteLevelWords(s, p[0], src)
	default:
		t.pieces(s, p, src)
	}
}

// byteLevelWords cuts src as the pre-tokeniser ByteLevel does and emits the tokens.
func (t *Tokenizer) byteLevelWords(s *scratch, p *preTokenizer, src aligned) {
	if p.prefix && src.b[0] != ' ' {
		src = s.prefix(src)
	}
	if !p.useRegex {
		t.emit(s, &src, 0, len(src.b))
		return
	}
	for i := 0; i < len(src.b); {
		j := nextGPT2(src.b, i)
		t.emit(s, &src, i, j)
		i = j
	}
}

// pieces cuts src by every stage of a plan, each within the pieces of the one before, and emits the tokens.
func (t *Tokenizer) pieces(s *scratch, stages []*preTokenizer, src aligned) {
	switch {
	case len(stages) == 0:
		t.emit(s, &src, 0, len(src.b))
	case stages[0].kind == "ByteLevel": // always the last
		t.byteLevelWords(s, stages[0], src)
	default:
		for i := 0; i < len(src.b); {
			start, end, next := stages[0].piece(src.b, i)
			if start < end {
				t.pieces(s, stages[1:], src.slice(start, end))
			}
			i = next
		}
	}
}

// prefix puts a space before src. It counts as coming from the first character.
func (s *scratch) prefix(src aligned) aligned {
	d := &s.prefixed
	track := s.enc != nil
	d.reset(track)
	_, n := utf8.DecodeRune(src.b)
	start, end := src.span(0, n)
	d.add(' ', start, end, track)
	d.b = append(d.b, src.b...)
	if !track {
		return aligned{b: d.b}
	}
	if src.starts != nil {
		d.starts, d.ends = append(d.starts, src.starts...), append(d.ends, src.ends...)
		return *d
	}
	for i := 0; i < len(src.b); i += n {
		_, n = utf8.DecodeRune(src.b[i:])
		start, end := src.span(i, n)
		for range n {
			d.starts, d.ends = append(d.starts, start), append(d.ends, end)
		}
	}
	return *d
}

// emit adds the tokens of the word at bytes [i, j) of src.
func (t *Tokenizer) emit(s *scratch, src *aligned, i, j int) {
	ids, ends := t.cut(s, src.b[i:j])
	if s.enc == nil {
		s.out = append(s.out, ids...)
		return
	}
	from := i
	for k, id := range ids {
		to := i + int(ends[k])
		if from >= to {
			from = to - 1
		}
		s.enc.add(id, t.tokens[id], src.at(from, to), s.word)
		from = to
	}
	s.word++
}

// cut gives the ids of a word and where they end in it, valid until the next call.
func (t *Tokenizer) cut(s *scratch, word []byte) (ids, ends []int32) {
	var hash uint64
	if len(word) <= cacheWord {
		if s.cache.slots == nil {
			s.cache = newCache()
		}
		var ok bool
		if ids, ends, hash, ok = s.cache.get(word); ok {
			return ids, ends
		}
	}
	s.ids, s.ends = slices.Grow(s.ids[:0], 8), slices.Grow(s.ends[:0], 8)
	if t.wp != nil {
		s.ids, s.ends = t.wp.appendWord(s.ids, s.ends, word)
	} else {
		s.ids, s.ends = t.bpe.appendWord(&s.bpe, s.ids, s.ends, word)
	}
	if hash != 0 {
		s.cache.put(hash, word, s.ids, s.ends)
	}
	return s.ids, s.ends
}
