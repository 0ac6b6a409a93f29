package tokenizer

import (
	"cmp"
	"slices"
)

func (p *postProcessor) write(w *writer) {
	if p == nil {
		w.lit("null")
		return
	}
	w.open('{')
	w.key("type").str(p.kind)
	switch p.kind {
	case "Sequence":
		w.key("processors").open('[')
		for _, item := range p.items {
			item.write(w.item())
		}
		w.close(']')
	case "ByteLevel":
		writeByteLevel(w, p.prefixSpace, p.trim, p.useRegex)
	case "TemplateProcessing":
		writeTemplate(w.key("single"), p.single)
		writeTemplate(w.key("pair"), p.pair)
		w.key("special_tokens").open('{')
		special := slices.SortedFunc(slices.Values(p.special), func(a, b specialToken) int { return cmp.Compare(a.name, b.name) })
		for _, s := range special {
			w.key(s.name).open('{')
			w.key("id").str(s.name)
			w.key("ids").open('[')
			for _, id := range s.ids {
				w.item().num(int(id))
			}
			w.close(']')
			w.key("tokens").open('[')
			for _, tok := range s.tokens {
				w.item().str(tok)
			}
			w.close(']')
			w.close('}')
		}
		w.close('}')
	default:
		for _, s := range []struct {
			key string
			specialToken
		}{{"sep", p.sep}, {"cls", p.cls}} {
			w.key(s.key).open('[')
			w.item().str(s.name)
			w.item().num(int(s.ids[0]))
			w.close(']')
		}
		if p.kind == "RobertaProcessing" {
			w.key("trim_offsets").boolean(p.trim)
			w.key("add_prefix_space").boolean(p.prefixSpace)
		}
	}
	w.close('}')
}

func writeTemplate(w *writer, pieces []templatePiece) {
	w.open('[')
	for _, piece := range pieces {
		kind, id := "SpecialToken", piece.name
		switch piece.seq {
		case 0:
			kind, id = "Sequence", "A"
		case 1:
			kind, id = "Sequence", "B"
		}
		w.item().open('{')
		w.key(kind).open('{')
		w.key("id").str(id)
		w.key("type_id").num(int(piece.typeID))
		w.close('}')
		w.close('}')
	}
	w.close(']')
}
