package tokenizer

// A normalizer rewrites a text before it is cut into words.
type normalizer struct {
	kind           string // BertNormalizer, Lowercase, NFC, NFD, NFKC, NFKD, Strip, StripAccents, Replace, Prepend, Sequence
	clean, chinese bool
	strip          *bool // nil: as lower
	lower          bool
	left, right    bool   // Strip: where
	pattern        []byte // Replace
	content        string // Replace, Prepend
	items          []*normalizer
}

func parseNormalizer(raw []byte) (*normalizer, error) {
	if len(raw) > maxRuleBytes {
		return nil, errorf("normalizer", ErrLimit, "got %d bytes, want at most %d", len(raw), maxRuleBytes)
	}
	n, err := parseNormalizerItem("normalizer", raw)
	if err != nil {
		return nil, err
	}
	if g := n.growth(); g > maxGrowth {
		return nil, errorf("normalizer", ErrLimit, "Replace and Prepend may make a text %.0f times longer, want at most %d", g, maxGrowth)
	}
	if c := n.count(); c > maxItems {
		return nil, errorf("normalizer", ErrLimit, "got %d rules, want at most %d", c, maxItems)
	}
	return n, nil
}

func parseNormalizerItem(path string, raw []byte) (*normalizer, error) {
	o := openObject(path, raw)
	n := &normalizer{kind: o.text("type")}
	if o.err != nil {
		return nil, o.err
	}
	switch n.kind {
	case "BertNormalizer":
		n.clean, n.chinese = o.boolean("clean_text", true), o.boolean("handle_chinese_chars", true)
		n.strip, n.lower = o.maybe("strip_accents"), o.boolean("lowercase", true)
	case "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "StripAccents":
	case "Replace":
		pattern, err := parseText(path+".pattern", o.take("pattern"))
		if err != nil {
			return nil, err
		}
		n.pattern, n.content = []byte(pattern), o.text("content")
	case "Strip":
		n.left, n.right = o.boolean("strip_left", true), o.boolean("strip_right", true)
	case "Prepend":
		if n.content = o.text("prepend"); o.err == nil && n.content == "" {
			return nil, errorf(path+".prepend", ErrField, "got an empty string")
		}
	case "Sequence":
		if err := elements(path, o.take("normalizers"), func(_ int, raw []byte) error {
			item, err := parseNormalizerItem(path+".normalizers[]", raw)
			n.items = append(n.items, item)
			return err
		}); err != nil {
			return nil, err
		}
	default:
		return nil, errorf(path+".type", ErrUnsupported, "got %.80q", n.kind)
	}
	return n, o.close()
}

// growth bounds by what factor rules lengthen a text, rule after rule.
func (n *normalizer) growth() float64 {
	switch n.kind {
	case "Replace":
		return max(1, float64(len(n.content))/float64(len(n.pattern)))
	case "Prepend": // to a text of one byte
		return float64(1 + len(n.content))
	case "Sequence":
		g := 1.0
		for _, item := range n.items {
			g *= item.growth()
		}
		return g
	}
	return 1
}

// count gives the number of rules, sequences laid flat.
func (n *normalizer) count() int {
	if n.kind != "Sequence" {
		return 1
	}
	c := 0
	for _, item := range n.items {
		c += item.count()
	}
	return c
}

// stripAccents says whether a BertNormalizer strips accents: as told, else when it lower-cases.
func (n *normalizer) stripAccents() bool {
	if n.strip != nil {
		return *n.strip
	}
	return n.lower
}
