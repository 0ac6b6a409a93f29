package tokenizer

import (
	"strconv"
	"unicode/utf8"
)

// JSON gives the tokenizer.json of t, byte for byte as Hugging Face's library saves it but for the line end at the end.
// Parse(t.JSON()) is equal to t.
func (t *Tokenizer) JSON() ([]byte, error) {
	w := writer{b: make([]byte, 0, 32*len(t.tokens)+4096)}
	w.open('{')
	w.key("version").str("1.0")
	w.key("truncation")
	if t.trunc == nil {
		w.lit("null")
	} else {
		w.open('{')
		w.key("direction").str(direction(t.trunc.Left))
		w.key("max_length").num(t.trunc.MaxLength)
		w.key("strategy").str(t.trunc.Strategy)
		w.key("stride").num(t.trunc.Stride)
		w.close('}')
	}
	w.key("padding")
	t.pad.write(&w)
	w.key("added_tokens").open('[')
	for _, a := range t.added {
		w.item().open('{')
		w.key("id").num(int(a.ID))
		w.key("content").str(a.Content)
		w.key("single_word").boolean(a.SingleWord)
		w.key("lstrip").boolean(a.LStrip)
		w.key("rstrip").boolean(a.RStrip)
		w.key("normalized").boolean(a.Normalized)
		w.key("special").boolean(a.Special)
		w.close('}')
	}
	w.close(']')
	w.key("normalizer")
	t.norm.write(&w)
	w.key("pre_tokenizer")
	t.pre.write(&w)
	w.key("post_processor")
	t.post.write(&w)
	w.key("decoder")
	t.dec.write(&w)
	w.key("model")
	t.writeModel(&w)
	w.close('}')
	return append(w.b, '\n'), nil
}

// A writer builds indented JSON.
type writer struct {
	b     []byte
	depth int
	some  bool // the open container has a member
}

func (w *writer) line() {
	w.b = append(w.b, '\n')
	for range w.depth {
		w.b = append(w.b, "  "...)
	}
}

// item starts an element of an array.
func (w *writer) item() *writer {
	if w.some {
		w.b = append(w.b, ',')
	}
	w.some = true
	w.line()
	return w
}

// key starts a member of an object.
func (w *writer) key(k string) *writer {
	w.item().str(k)
	w.b = append(w.b, ": "...)
	return w
}

func (w *writer) open(c byte) {
	w.b = append(w.b, c)
	w.depth++
	w.some = false
}

func (w *writer) close(c byte) {
	w.depth--
	if w.some {
		w.line()
	}
	w.b = append(w.b, c)
	w.some = true
}

func (w *writer) lit(s string)   { w.b = append(w.b, s...) }
func (w *writer) num(n int)      { w.b = strconv.AppendInt(w.b, int64(n), 10) }
func (w *writer) boolean(v bool) { w.b = strconv.AppendBool(w.b, v) }
func (w *writer) optional(v *bool) {
	if v == nil {
		w.lit("null")
	} else {
		w.boolean(*v)
	}
}

func (w *writer) optionalText(v *string) {
	if v == nil {
		w.lit("null")
	} else {
		w.str(*v)
	}
}

// str writes a string with no more escapes than JSON needs.
func (w *writer) str(s string) {
	w.b = append(w.b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			w.b = append(w.b, '\\', byte(r))
		case r == '\b':
			w.b = append(w.b, `\b`...)
		case r == '\f':
			w.b = append(w.b, `\f`...)
		case r == '\n':
			w.b = append(w.b, `\n`...)
		case r == '\t':
			w.b = append(w.b, `\t`...)
		case r == '\r':
			w.b = append(w.b, `\r`...)
		case r < ' ':
			const hex = "0123456789abcdef"
			w.b = append(w.b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			w.b = utf8.AppendRune(w.b, r)
		}
	}
	w.b = append(w.b, '"')
}

func direction(left bool) string {
	if left {
		return "Left"
	}
	return "Right"
}

func (p *Padding) write(w *writer) {
	if p == nil {
		w.lit("null")
		return
	}
	w.open('{')
	w.key("strategy")
	if p.Length == 0 {
		w.str("BatchLongest")
	} else {
		w.open('{')
		w.key("Fixed").num(p.Length)
		w.close('}')
	}
	w.key("direction").str(direction(p.Left))
	w.key("pad_to_multiple_of")
	if p.MultipleOf == 0 {
		w.lit("null")
	} else {
		w.num(p.MultipleOf)
	}
	w.key("pad_id").num(int(p.ID))
	w.key("pad_type_id").num(int(p.TypeID))
	w.key("pad_token").str(p.Token)
	w.close('}')
}

func (t *Tokenizer) writeModel(w *writer) {
	w.open('{')
	if t.wp != nil {
		w.key("type").str("WordPiece")
		w.key("unk_token").str(t.wp.unkToken)
		w.key("continuing_subword_prefix").str(t.wp.prefix)
		w.key("max_input_chars_per_word").num(t.wp.maxChars)
	} else {
		w.key("type").str("BPE")
		w.key("dropout")
		if t.bpe.dropout {
			w.lit("0.0")
		} else {
			w.lit("null")
		}
		w.key("unk_token").optionalText(t.bpe.unkToken)
		w.key("continuing_subword_prefix").optionalText(t.bpe.prefix)
		w.key("end_of_word_suffix").optionalText(t.bpe.suffix)
		w.key("fuse_unk").boolean(t.bpe.fuseUnk)
		w.key("byte_fallback").boolean(false)
		w.key("ignore_merges").boolean(t.bpe.ignore)
	}
	w.key("vocab").open('{')
	for id, token := range t.tokens {
		if t.inModel[id] {
			w.key(token).num(id)
		}
	}
	w.close('}')
	if t.bpe != nil {
		w.key("merges").open('[')
		for _, m := range t.bpe.merges {
			w.item().open('[')
			w.item().str(t.tokens[m[0]])
			w.item().str(t.tokens[m[1]])
			w.close(']')
		}
		w.close(']')
	}
	w.close('}')
}
