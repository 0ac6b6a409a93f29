package tokenizer

import "unicode/utf8"

// A piece of a template is a text or one special token.
type templatePiece struct {
	seq    int // 0 first text, 1 second text, -1 special
	name   string
	typeID int32
}

// A specialToken of a template may stand for several tokens.
type specialToken struct {
	name   string
	ids    []int32
	tokens []string
}

// A postProcessor puts special tokens round texts.
type postProcessor struct {
	kind         string // TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel
	single, pair []templatePiece
	special      []specialToken
	trim         bool // byte level: offsets leave out the spaces that tokens start and end with
	prefixSpace  bool // byte level: the first space was put there by the pre-tokeniser
	zeroTypes    bool // RoBERTa: every type id is 0, with and without special tokens
	// what the file said besides, for writing it again
	cls, sep specialToken
	useRegex *bool
}

func (p *postProcessor) find(name string) *specialToken {
	for i := range p.special {
		if p.special[i].name == name {
			return &p.special[i]
		}
	}
	return nil
}

// template gives the pieces for one text or a pair.
func (p *postProcessor) template(pair bool) []templatePiece {
	switch {
	case p != nil && pair && p.pair != nil:
		return p.pair
	case p != nil && !pair && p.single != nil:
		return p.single
	case pair:
		return []templatePiece{{seq: 0}, {seq: 1, typeID: 1}}
	}
	return []templatePiece{{seq: 0}}
}

// added gives how many special tokens a template adds.
func (p *postProcessor) added(pair bool) int {
	n := 0
	for _, piece := range p.template(pair) {
		if piece.seq < 0 {
			n += len(p.find(piece.name).ids)
		}
	}
	return n
}

func parsePost(raw []byte) (*postProcessor, error) {
	if len(raw) > maxRuleBytes {
		return nil, errorf("post_processor", ErrLimit, "got %d bytes, want at most %d", len(raw), maxRuleBytes)
	}
	o := openObject("post_processor", raw)
	p := &postProcessor{kind: o.text("type")}
	if o.err != nil {
		return nil, o.err
	}
	switch p.kind {
	case "TemplateProcessing":
		single, pair, special := o.take("single"), o.take("pair"), o.take("special_tokens")
		var err error
		if err = parseSpecial(p, special); err != nil {
			return nil, err
		}
		if p.single, err = parseTemplate(p, "post_processor.single", single, false); err != nil {
			return nil, err
		}
		if p.pair, err = parseTemplate(p, "post_processor.pair", pair, true); err != nil {
			return nil, err
		}
	case "BertProcessing", "RobertaProcessing":
		p.sep = parseNamed(o, "sep")
		p.cls = parseNamed(o, "cls")
		if p.kind == "RobertaProcessing" {
			p.trim, p.prefixSpace, p.zeroTypes = o.boolean("trim_offsets", true), o.boolean("add_prefix_space", true), true
		}
		p.around()
	case "ByteLevel":
		p.prefixSpace, p.trim, p.useRegex = o.boolean("add_prefix_space", true), o.boolean("trim_offsets", true), o.maybe("use_regex")
	default:
		return nil, errorf("post_processor.type", ErrUnsupported, "got %.80q", p.kind)
	}
	return p, o.close()
}

// around makes the templates of BERT and RoBERTa from their two tokens.
func (p *postProcessor) around() {
	p.special = []specialToken{p.cls, p.sep}
	cls, sep := templatePiece{seq: -1, name: p.cls.name}, templatePiece{seq: -1, name: p.sep.name}
	p.single = []templatePiece{cls, {seq: 0}, sep}
	if p.zeroTypes {
		p.pair = []templatePiece{cls, {seq: 0}, sep, sep, {seq: 1}, sep}
		return
	}
	sep1 := sep
	sep1.typeID = 1
	p.pair = []templatePiece{cls, {seq: 0}, sep, {seq: 1, typeID: 1}, sep1}
}

// parseNamed reads ["[SEP]", 102].
func parseNamed(o *object, key string) specialToken {
	raw := o.take(key)
	var s specialToken
	if raw == nil {
		o.fail(key, "a token and its id", raw)
		return s
	}
	err := elements(o.path+"."+key, raw, func(i int, v []byte) error {
		n, ok := integer(v)
		switch {
		case i == 0 && v[0] == '"':
			s.name = unquote(v)
			s.tokens = []string{s.name}
			return nil
		case i == 1 && ok && n >= 0 && n < MaxVocab:
			s.ids = []int32{int32(n)}
			return nil
		}
		return errorf(o.path+"."+key, ErrPostProcessor, "got %.80s", raw)
	})
	if err == nil && len(s.ids) != 1 {
		err = errorf(o.path+"."+key, ErrPostProcessor, "got %.80s, want a token and its id", raw)
	}
	if o.err == nil {
		o.err = err
	}
	return s
}

func parseSpecial(p *postProcessor, raw []byte) error {
	const path = "post_processor.special_tokens"
	if raw == nil {
		return nil
	}
	return members(path, raw, func(key string, raw []byte) error {
		o := openObject(path+"[]", raw)
		s := specialToken{name: o.text("id")}
		ids, tokens := o.take("ids"), o.take("tokens")
		if err := o.close(); err != nil {
			return err
		}
		if s.name != key || p.find(key) != nil {
			return errorf(path, ErrPostProcessor, "token %.80q under key %.80q", s.name, key)
		}
		if err := elements(path+"[].ids", ids, func(_ int, v []byte) error {
			n, ok := integer(v)
			if !ok || n < 0 || n >= MaxVocab {
				return errorf(path+"[].ids", ErrPostProcessor, "got %.40s, want 0 to %d", v, MaxVocab-1)
			}
			s.ids = append(s.ids, int32(n))
			return nil
		}); err != nil {
			return err
		}
		if err := elements(path+"[].tokens", tokens, func(_ int, v []byte) error {
			if v[0] != '"' {
				return errorf(path+"[].tokens", ErrField, "got %.40s, want a string", v)
			}
			s.tokens = append(s.tokens, unquote(v))
			return nil
		}); err != nil {
			return err
		}
		if len(s.ids) == 0 || len(s.ids) != len(s.tokens) || len(s.ids) > 64 {
			return errorf(path, ErrPostProcessor, "%.80q has %d ids and %d tokens", key, len(s.ids), len(s.tokens))
		}
		if len(p.special) >= 256 {
			return errorf(path, ErrLimit, "got more than 256")
		}
		p.special = append(p.special, s)
		return nil
	})
}

func parseTemplate(p *postProcessor, path string, raw []byte, pair bool) ([]templatePiece, error) {
	var out []templatePiece
	seen := [2]int{}
	err := elements(path, raw, func(i int, raw []byte) error {
		if i >= 64 {
			return errorf(path, ErrLimit, "got more than 64 pieces")
		}
		o := openObject(path+"[]", raw)
		seq, special := o.take("Sequence"), o.take("SpecialToken")
		if err := o.close(); err != nil {
			return err
		}
		if (seq == nil) == (special == nil) {
			return errorf(path, ErrPostProcessor, "want a Sequence or a SpecialToken, got %.80s", raw)
		}
		body := special
		if seq != nil {
			body = seq
		}
		in := openObject(path+"[]", body)
		piece := templatePiece{seq: -1, name: in.text("id"), typeID: int32(in.number("type_id", 0, 1<<30, 0))}
		if err := in.close(); err != nil {
			return err
		}
		switch {
		case seq != nil && piece.name == "A":
			piece.seq = 0
		case seq != nil && piece.name == "B" && pair:
			piece.seq = 1
		case seq != nil:
			return errorf(path, ErrPostProcessor, "got sequence %.80q", piece.name)
		case p.find(piece.name) == nil:
			return errorf(path, ErrPostProcessor, "special token %.80q is not defined", piece.name)
		}
		if seq != nil {
			seen[piece.seq]++
			piece.name = ""
		}
		out = append(out, piece)
		return nil
	})
	if err == nil && (seen[0] != 1 || pair && seen[1] != 1) {
		err = errorf(path, ErrPostProcessor, "want each text exactly once")
	}
	return out, err
}

// check holds the tokens of p against the vocabulary.
func (p *postProcessor) check(t *Tokenizer) error {
	for _, s := range p.special {
		for i, id := range s.ids {
			if int(id) >= len(t.tokens) {
				return errorf("post_processor", ErrPostProcessor, "token %.80q has id %d, want less than %d", s.tokens[i], id, len(t.tokens))
			}
			have, ok := t.ids[s.tokens[i]]
			if !ok {
				return errorf("post_processor", ErrSpecialToken, "%.80q", s.tokens[i])
			}
			if have != id {
				return errorf("post_processor", ErrPostProcessor, "token %.80q has id %d here and %d in the vocabulary", s.tokens[i], id, have)
			}
		}
	}
	return nil
}

// trimOffsets leaves out of every token's span in text the spaces that the token starts and ends with, each one code
// point. A single space at the start of a text stays, for the pre-tokeniser may have put it there.
func (p *postProcessor) trimOffsets(text string, tokens []string, offsets []Span) {
	for i, tok := range tokens {
		lead, trail := outerSpaces(tok)
		at := &offsets[i]
		if lead == 1 && p.prefixSpace && (i == 0 || at.Start == 0) {
			lead = 0
		}
		for ; lead > 0 && at.Start < at.End; lead-- {
			_, n := utf8.DecodeRuneInString(text[at.Start:at.End])
			at.Start += n
		}
		for ; trail > 0 && at.Start < at.End; trail-- {
			_, n := utf8.DecodeLastRuneInString(text[at.Start:at.End])
			at.End -= n
		}
	}
}

// outerSpaces counts the characters of white space, or of spaces at byte level, that tok starts and ends with.
func outerSpaces(tok string) (lead, trail int) {
	rest := tok
	for rest != "" {
		r, n := utf8.DecodeRuneInString(rest)
		if r != byteRune[' '] && class(r)&isSpace == 0 {
			break
		}
		rest = rest[n:]
		lead++
	}
	for tok != "" {
		r, n := utf8.DecodeLastRuneInString(tok)
		if r != byteRune[' '] && class(r)&isSpace == 0 {
			break
		}
		tok = tok[:len(tok)-n]
		trail++
	}
	return lead, trail
}
