package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// A decoder joins tokens to a text.
type decoder struct {
	kind                      string // WordPiece, ByteLevel, Replace, Fuse, Strip, Sequence
	prefix                    string // WordPiece: of tokens that go on a word
	cleanup                   bool   // WordPiece: no space before punctuation and contractions
	pattern, content          string // Replace; content is also the character that Strip takes off
	start, stop               int    // Strip: how many of it, at either end
	addPrefix, trim, useRegex bool   // ByteLevel: kept for the file
	items                     []*decoder
}

func parseDecoder(raw []byte) (*decoder, error) {
	if len(raw) > maxRuleBytes {
		return nil, errorf("decoder", ErrLimit, "got %d bytes, want at most %d", len(raw), maxRuleBytes)
	}
	d, err := parseDecoderItem("decoder", raw)
	if err != nil {
		return nil, err
	}
	if c, g := d.size(); c > maxItems || g > maxGrowth {
		return nil, errorf("decoder", ErrLimit, "got %d rules that may make a token %.0f times longer, want at most %d and %d", c, g, maxItems, maxGrowth)
	}
	return d, nil
}

func parseDecoderItem(path string, raw []byte) (*decoder, error) {
	o := openObject(path, raw)
	d := &decoder{kind: o.text("type")}
	if o.err != nil {
		return nil, o.err
	}
	switch d.kind {
	case "WordPiece":
		d.prefix, d.cleanup = o.text("prefix", "##"), o.boolean("cleanup", true)
	case "ByteLevel":
		d.addPrefix, d.trim, d.useRegex = o.boolean("add_prefix_space", true), o.boolean("trim_offsets", true), o.boolean("use_regex", true)
	case "Replace":
		var err error
		if d.pattern, err = parseText(path+".pattern", o.take("pattern")); err != nil {
			return nil, err
		}
		d.content = o.text("content")
	case "Fuse":
	case "Strip":
		d.content = o.text("content")
		d.start, d.stop = o.number("start", 0, maxPositions), o.number("stop", 0, maxPositions)
		if o.err == nil && utf8.RuneCountInString(d.content) != 1 {
			return nil, errorf(path+".content", ErrField, "got %.40q, want one character", d.content)
		}
	case "Sequence":
		if err := elements(path, o.take("decoders"), func(_ int, raw []byte) error {
			item, err := parseDecoderItem(path+".decoders[]", raw)
			d.items = append(d.items, item)
			return err
		}); err != nil {
			return nil, err
		}
	default:
		return nil, errorf(path+".type", ErrUnsupported, "got %.80q", d.kind)
	}
	return d, o.close()
}

// size gives the number of rules, sequences laid flat, and by what factor they may lengthen a token.
func (d *decoder) size() (count int, growth float64) {
	growth = 1
	switch d.kind {
	case "Sequence":
		for _, item := range d.items {
			c, g := item.size()
			count, growth = count+c, growth*g
		}
		return count, growth
	case "Replace":
		growth = max(1, float64(len(d.content))/float64(len(d.pattern)))
	}
	return 1, growth
}

// chained says whether tokens must pass through d as a list.
func (d *decoder) chained() bool { return d.kind != "WordPiece" && d.kind != "ByteLevel" }

// decode joins tokens, which it may change.
func (d *decoder) decode(tokens []string) string { return strings.Join(d.chain(tokens), "") }

// chain passes a list of tokens through d.
func (d *decoder) chain(tokens []string) []string {
	switch d.kind {
	case "Sequence":
		for _, item := range d.items {
			tokens = item.chain(tokens)
		}
	case "ByteLevel":
		var out []byte
		for _, tok := range tokens {
			b, ok := appendBytes(out, tok)
			if !ok {
				b = append(out, tok...)
			}
			out = b
		}
		return []string{lossy(out)}
	case "Fuse":
		return []string{strings.Join(tokens, "")}
	case "WordPiece":
		for i, tok := range tokens {
			tokens[i] = d.piece(tok, i == 0)
		}
	case "Replace":
		for i, tok := range tokens {
			tokens[i] = strings.ReplaceAll(tok, d.pattern, d.content)
		}
	case "Strip":
		for i, tok := range tokens {
			tokens[i] = d.strip(tok)
		}
	}
	return tokens
}

// strip takes content off both ends of tok, at most start and stop times.
func (d *decoder) strip(tok string) string {
	for n := 0; n < d.start && strings.HasPrefix(tok, d.content); n++ {
		tok = tok[len(d.content):]
	}
	for n := 0; n < d.stop && strings.HasSuffix(tok, d.content); n++ {
		tok = tok[:len(tok)-len(d.content)]
	}
	return tok
}

func (d *decoder) write(w *writer) {
	if d == nil {
		w.lit("null")
		return
	}
	w.open('{')
	w.key("type").str(d.kind)
	switch d.kind {
	case "WordPiece":
		w.key("prefix").str(d.prefix)
		w.key("cleanup").boolean(d.cleanup)
	case "ByteLevel":
		writeByteLevel(w, d.addPrefix, d.trim, d.useRegex)
	case "Replace":
		w.pattern(d.pattern)
		w.key("content").str(d.content)
	case "Strip":
		w.key("content").str(d.content)
		w.key("start").num(d.start)
		w.key("stop").num(d.stop)
	case "Sequence":
		w.key("decoders").open('[')
		for _, item := range d.items {
			item.write(w.item())
		}
		w.close(']')
	}
	w.close('}')
}
