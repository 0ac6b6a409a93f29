package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// Parse reads a tokenizer.json. Errors wrap a sentinel of this package.
func Parse(data []byte) (*Tokenizer, error) {
	if len(data) > MaxFileBytes {
		return nil, errorf("file", ErrLimit, "got %d bytes or more, want at most %d", len(data), MaxFileBytes)
	}
	if !utf8.Valid(data) {
		return nil, errorf("file", ErrSyntax, "not UTF-8")
	}
	s := scanner{data: data}
	root, err := s.raw(0)
	if err != nil {
		return nil, err
	}
	if s.peek(); s.pos < len(data) {
		return nil, s.fail("more follows")
	}
	o := openObject("file", root)
	if v := o.text("version", "1.0"); o.err == nil && v != "1.0" {
		return nil, errorf("version", ErrUnsupported, "got %.40q, want 1.0", v)
	}
	trunc, pad, added, norm := o.take("truncation"), o.take("padding"), o.take("added_tokens"), o.take("normalizer")
	pre, post, dec, model := o.take("pre_tokenizer"), o.take("post_processor"), o.take("decoder"), o.take("model")
	if err := o.close(); err != nil {
		return nil, err
	}
	t := &Tokenizer{}
	if model == nil {
		return nil, errorf("model", ErrField, "got none")
	}
	if norm != nil {
		if t.norm, err = parseNormalizer(norm); err != nil {
			return nil, err
		}
	}
	if pre != nil {
		if t.pre, err = parsePreTokenizer("pre_tokenizer", pre); err != nil {
			return nil, err
		}
	}
	if post != nil {
		if t.post, err = parsePost(post); err != nil {
			return nil, err
		}
	}
	if dec != nil {
		if t.dec, err = parseDecoder(dec); err != nil {
			return nil, err
		}
	}
	if added != nil {
		if t.added, err = parseAdded(added); err != nil {
			return nil, err
		}
	}
	m, err := parseModel(model)
	if err != nil {
		return nil, err
	}
	if trunc != nil {
		if t.trunc, err = parseTruncation(trunc); err != nil {
			return nil, err
		}
	}
	if pad != nil {
		if t.pad, err = parsePadding(pad); err != nil {
			return nil, err
		}
	}
	if err := t.compile(m); err != nil {
		return nil, err
	}
	return t, nil
}

// A modelSpec is a model as a file has it.
type modelSpec struct {
	kind     string
	vocab    []entry
	merges   [][2]string
	unk      *string
	prefix   *string
	suffix   *string
	maxChars int
	fuseUnk  bool
	ignore   bool
	dropout  bool
	fallback bool
}

type entry struct {
	token string
	id    int32
}

func (o *object) maybeText(key string) *string {
	raw := o.take(key)
	if raw == nil {
		return nil
	}
	o.fields[key] = raw
	s := o.text(key)
	return &s
}

func parseModel(raw []byte) (*modelSpec, error) {
	o := openObject("model", raw)
	m := &modelSpec{}
	vocab, merges := o.take("vocab"), o.take("merges")
	m.kind = o.text("type", "")
	if m.kind == "" && o.err == nil { // files of early versions
		if merges != nil {
			m.kind = "BPE"
		} else if _, ok := o.fields["max_input_chars_per_word"]; ok {
			m.kind = "WordPiece"
		}
	}
	m.unk = o.maybeText("unk_token")
	m.prefix = o.maybeText("continuing_subword_prefix")
	switch m.kind {
	case "WordPiece":
		m.maxChars = o.number("max_input_chars_per_word", 1, 10_000, defaultWordChars)
	case "BPE":
		d := o.take("dropout")
		if m.dropout = d != nil; strings.Trim(string(d), "0.") != "" {
			return nil, errorf("model.dropout", ErrUnsupported, "got %.40s", d)
		}
		m.suffix = o.maybeText("end_of_word_suffix")
		m.fuseUnk, m.fallback, m.ignore = o.boolean("fuse_unk", false), o.boolean("byte_fallback", false), o.boolean("ignore_merges", false)
	default:
		if o.err != nil {
			return nil, o.err
		}
		return nil, errorf("model.type", ErrUnsupported, "got %.80q, want WordPiece or BPE", m.kind)
	}
	if err := o.close(); err != nil {
		return nil, err
	}
	if err := members("model.vocab", vocab, m.token("model.vocab")); err != nil {
		return nil, err
	}
	if m.kind == "BPE" {
		if err := m.parseMerges(merges); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// mergesVersion starts a line of merges that is none.
const mergesVersion = "#version"

// parseMerges reads merges spelled "a b", as early versions do, or ["a", "b"].
func (m *modelSpec) parseMerges(raw []byte) error {
	const path = "model.merges"
	return elements(path, raw, func(i int, raw []byte) error {
		if i >= MaxVocab {
			return errorf(path, ErrLimit, "got more than %d", MaxVocab)
		}
		var pair [2]string
		n := 0
		if raw[0] == '"' {
			line := unquote(raw)
			if strings.HasPrefix(line, mergesVersion) {
				return nil
			}
			var ok bool
			pair[0], pair[1], ok = strings.Cut(line, " ")
			if ok && !strings.Contains(pair[1], " ") {
				n = 2
			}
		} else if err := elements(path, raw, func(i int, raw []byte) error {
			if i < 2 && raw[0] == '"' {
				pair[i] = unquote(raw)
				n++
			} else {
				n = 3
			}
			return nil
		}); err != nil {
			return errorf(path, ErrMerges, "merge %d is %.80s", i, raw)
		}
		if n != 2 || pair[0] == "" || pair[1] == "" {
			return errorf(path, ErrMerges, "merge %d is %.80s, want two tokens", i, raw)
		}
		m.merges = append(m.merges, pair)
		return nil
	})
}
