package tokenizer

import "slices"

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
	kind         string // TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel, Sequence
	single, pair []templatePiece
	special      []specialToken
	trims        []bool // byte level: offsets leave out the spaces that tokens start and end with; true: the first may be the pre-tokeniser's
	zeroTypes    bool   // RoBERTa: every type id is 0, with and without special tokens
	items        []*postProcessor
	// what the file said besides, for writing it again
	cls, sep                    specialToken
	trim, prefixSpace, useRegex bool
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
	p, err := parsePostItem("post_processor", raw)
	if err == nil && p.kind == "Sequence" {
		err = p.join(p.items)
	}
	return p, err
}

func parsePostItem(path string, raw []byte) (*postProcessor, error) {
	o := openObject(path, raw)
	p := &postProcessor{kind: o.text("type")}
	if o.err != nil {
		return nil, o.err
	}
	switch p.kind {
	case "TemplateProcessing":
		single, pair, special := o.take("single"), o.take("pair"), o.take("special_tokens")
		var err error
		if err = parseSpecial(p, path+".special_tokens", special); err != nil {
			return nil, err
		}
		if p.single, err = parseTemplate(p, path+".single", single, false); err != nil {
			return nil, err
		}
		if p.pair, err = parseTemplate(p, path+".pair", pair, true); err != nil {
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
		p.prefixSpace, p.trim, p.useRegex = o.boolean("add_prefix_space", true), o.boolean("trim_offsets", true), o.boolean("use_regex", true)
	case "Sequence":
		if err := elements(path, o.take("processors"), func(_ int, raw []byte) error {
			item, err := parsePostItem(path+".processors[]", raw)
			p.items = append(p.items, item)
			return err
		}); err != nil {
			return nil, err
		}
	default:
		return nil, errorf(path+".type", ErrUnsupported, "got %.80q", p.kind)
	}
	if p.trim {
		p.trims = []bool{p.prefixSpace}
	}
	return p, o.close()
}

// join makes of a Sequence what its items do one after the other: any number that trim offsets, then at most one that adds tokens.
func (p *postProcessor) join(items []*postProcessor) error {
	for _, item := range items {
		switch {
		case item.kind == "Sequence":
			if err := p.join(item.items); err != nil {
				return err
			}
			continue
		case p.single != nil:
			return errorf("post_processor", ErrUnsupported, "%s after a rule that adds tokens", item.kind)
		}
		p.single, p.pair, p.special, p.zeroTypes = item.single, item.pair, item.special, item.zeroTypes
		p.cls, p.sep = item.cls, item.sep
		if p.trims = append(p.trims, item.trims...); len(p.trims) > maxItems {
			return errorf("post_processor", ErrLimit, "got %d rules, want at most %d", len(p.trims), maxItems)
		}
	}
	return nil
}

// bertTemplate makes BERT's post-processor, as transformers writes it.
func bertTemplate(cls, sep specialToken) *postProcessor {
	p := &postProcessor{kind: "TemplateProcessing", cls: cls, sep: sep}
	p.around()
	return p
}

// robertaProcessing makes RoBERTa's post-processor.
func robertaProcessing(cls, sep specialToken, prefixSpace, trim bool) *postProcessor {
	p := &postProcessor{kind: "RobertaProcessing", cls: cls, sep: sep, trim: trim, prefixSpace: prefixSpace, zeroTypes: true}
	if trim {
		p.trims = []bool{prefixSpace}
	}
	p.around()
	return p
}

// around makes the templates of BERT and RoBERTa from their two tokens.
func (p *postProcessor) around() {
	p.special = []specialToken{p.cls}
	if p.sep.name != p.cls.name || !slices.Equal(p.sep.ids, p.cls.ids) { // one name with two ids is refused
		p.special = append(p.special, p.sep)
	}
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
