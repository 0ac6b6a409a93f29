package tokenizer

// A preTokenizer cuts a normalised text into words.
type preTokenizer struct {
	kind     string // BertPreTokenizer, ByteLevel, Split, Whitespace, WhitespaceSplit, Punctuation, Digits, Sequence
	prefix   bool   // ByteLevel: put a space before a text that doesn't start with one
	trim     bool   // ByteLevel: kept for the file, the post-processor's decides
	useRegex bool   // ByteLevel: cut by GPT-2's pattern
	each     bool   // Digits: every digit is a word
	pattern  []byte // Split: what is matched; empty for GPT-2's pattern
	invert   bool   // Split: what is matched and what is not change places
	behavior string // all but ByteLevel and BertPreTokenizer: what becomes of matches
	items    []*preTokenizer
}

func parsePreTokenizer(path string, raw []byte) (*preTokenizer, error) {
	if len(raw) > maxRuleBytes {
		return nil, errorf(path, ErrLimit, "got %d bytes, want at most %d", len(raw), maxRuleBytes)
	}
	o := openObject(path, raw)
	p := &preTokenizer{kind: o.text("type")}
	if o.err != nil {
		return nil, o.err
	}
	switch p.kind {
	case "BertPreTokenizer":
	case "ByteLevel":
		p.prefix, p.trim, p.useRegex = o.boolean("add_prefix_space", true), o.boolean("trim_offsets", true), o.boolean("use_regex", true)
	case "Whitespace": // what is no match of its pattern is removed
		p.behavior, p.invert = removed, true
	case "WhitespaceSplit":
		p.behavior = removed
	case "Punctuation":
		p.behavior = o.behavior(isolated)
	case "Digits":
		if p.each = o.boolean("individual_digits", false); p.each {
			p.behavior = isolated
		} else {
			p.behavior = contiguous
		}
	case "Split":
		if err := p.parsePattern(path+".pattern", o.take("pattern")); err != nil {
			return nil, err
		}
		p.behavior, p.invert = o.behavior(), o.boolean("invert", false)
	case "Sequence":
		if err := elements(path, o.take("pretokenizers"), func(_ int, raw []byte) error {
			item, err := parsePreTokenizer(path+".pretokenizers[]", raw)
			p.items = append(p.items, item)
			return err
		}); err != nil {
			return nil, err
		}
	default:
		return nil, errorf(path+".type", ErrUnsupported, "got %.80q", p.kind)
	}
	return p, o.close()
}

// parsePattern reads {"String": ...} or {"Regex": ...}, the latter only with GPT-2's pattern.
func (p *preTokenizer) parsePattern(path string, raw []byte) error {
	o := openObject(path, raw)
	if re := o.take("Regex"); re != nil {
		if re[0] != '"' || unquote(re) != gpt2Pattern {
			return refuseRegex(path, re)
		}
		return o.close()
	}
	p.pattern = []byte(o.text("String"))
	if o.err == nil && len(p.pattern) == 0 {
		return errorf(path, ErrField, "got an empty string")
	}
	return o.close()
}

// behavior reads what becomes of matches; absent means def when there is one, else an error.
func (o *object) behavior(def ...string) string {
	switch b := o.text("behavior", def...); b {
	case removed, isolated, contiguous, mergedWithPrevious, mergedWithNext:
		return b
	default:
		o.fail("behavior", "Removed, Isolated, Contiguous, MergedWithPrevious or MergedWithNext", []byte(b))
		return ""
	}
}

// plan gives the stages that p comes to, sequences laid flat. A byte-level stage may only be the last.
func (p *preTokenizer) plan() ([]*preTokenizer, error) {
	stages := p.flat(nil)
	if len(stages) > maxItems {
		return nil, errorf("pre_tokenizer", ErrLimit, "got %d rules, want at most %d", len(stages), maxItems)
	}
	for i, s := range stages {
		if s.kind == "ByteLevel" && i < len(stages)-1 {
			return nil, errorf("pre_tokenizer", ErrUnsupported, "ByteLevel before %s, want it last", stages[i+1].kind)
		}
	}
	if len(stages) == 2 && stages[0].kind == "Split" && len(stages[0].pattern) == 0 && stages[0].behavior == isolated &&
		stages[1].kind == "ByteLevel" && !stages[1].useRegex && !stages[1].prefix {
		return []*preTokenizer{{kind: "ByteLevel", useRegex: true}}, nil
	}
	return stages, nil
}

func (p *preTokenizer) flat(stages []*preTokenizer) []*preTokenizer {
	if p == nil {
		return stages
	}
	if p.kind != "Sequence" {
		return append(stages, p)
	}
	for _, item := range p.items {
		stages = item.flat(stages)
	}
	return stages
}
