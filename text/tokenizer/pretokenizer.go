package tokenizer

// A preTokenizer cuts a normalised text into words.
type preTokenizer struct {
	kind     string // BertPreTokenizer, ByteLevel, Split, Sequence
	prefix   bool   // byte level: put a space before a text that doesn't start with one
	trim     bool   // byte level: kept for the file, the post-processor's decides
	useRegex bool   // byte level: cut by GPT-2's pattern
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
	case "Split":
		re := openObject(path+".pattern", o.take("pattern"))
		raw := re.take("Regex")
		if raw == nil {
			return nil, errorf(path+".pattern", ErrUnsupported, "want a Regex")
		}
		if raw[0] != '"' || unquote(raw) != gpt2Pattern {
			return nil, refuseRegex(path+".pattern", raw)
		}
		if err := re.close(); err != nil {
			return nil, err
		}
		if b := o.text("behavior"); o.err == nil && b != "Isolated" || o.boolean("invert", false) {
			return nil, errorf(path, ErrUnsupported, "behavior %.40q or invert", b)
		}
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

// plan reduces a pre-tokeniser to what words does: one BERT split, or one byte-level split.
func (p *preTokenizer) plan() (*preTokenizer, bool) {
	if p == nil || p.kind != "Sequence" {
		return p, p == nil || p.kind != "Split"
	}
	switch {
	case len(p.items) == 1:
		return p.items[0].plan()
	case len(p.items) == 2 && p.items[0].kind == "Split" && p.items[1].kind == "ByteLevel" && !p.items[1].useRegex && !p.items[1].prefix:
		return &preTokenizer{kind: "ByteLevel", useRegex: true}, true
	}
	return nil, false
}
