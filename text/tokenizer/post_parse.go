package tokenizer

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

func parseSpecial(p *postProcessor, path string, raw []byte) error {
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
