package tokenizer

func (n *normalizer) write(w *writer) {
	if n == nil {
		w.lit("null")
		return
	}
	w.open('{')
	w.key("type").str(n.kind)
	switch n.kind {
	case "BertNormalizer":
		w.key("clean_text").boolean(n.clean)
		w.key("handle_chinese_chars").boolean(n.chinese)
		w.key("strip_accents").optional(n.strip)
		w.key("lowercase").boolean(n.lower)
	case "Replace":
		w.pattern(string(n.pattern))
		w.key("content").str(n.content)
	case "Strip":
		w.key("strip_left").boolean(n.left)
		w.key("strip_right").boolean(n.right)
	case "Prepend":
		w.key("prepend").str(n.content)
	case "Sequence":
		w.key("normalizers").open('[')
		for _, item := range n.items {
			item.write(w.item())
		}
		w.close(']')
	}
	w.close('}')
}

func (p *preTokenizer) write(w *writer) {
	if p == nil {
		w.lit("null")
		return
	}
	w.open('{')
	w.key("type").str(p.kind)
	switch p.kind {
	case "ByteLevel":
		writeByteLevel(w, p.prefix, p.trim, p.useRegex)
	case "Punctuation":
		w.key("behavior").str(p.behavior)
	case "Digits":
		w.key("individual_digits").boolean(p.each)
	case "Split":
		w.key("pattern").open('{')
		if len(p.pattern) > 0 {
			w.key("String").str(string(p.pattern))
		} else {
			w.key("Regex").str(gpt2Pattern)
		}
		w.close('}')
		w.key("behavior").str(p.behavior)
		w.key("invert").boolean(p.invert)
	case "Sequence":
		w.key("pretokenizers").open('[')
		for _, item := range p.items {
			item.write(w.item())
		}
		w.close(']')
	}
	w.close('}')
}

// writeByteLevel writes the fields that a pre-tokeniser, a post-processor and a decoder carry.
func writeByteLevel(w *writer, prefix, trim, useRegex bool) {
	w.key("add_prefix_space").boolean(prefix)
	w.key("trim_offsets").boolean(trim)
	w.key("use_regex").boolean(useRegex)
}

// pattern writes a pattern that is a plain text.
func (w *writer) pattern(text string) {
	w.key("pattern").open('{')
	w.key("String").str(text)
	w.close('}')
}
