package tokenizer

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// roleNames are the names that transformers has for special tokens, in the order in which it adds them.
var roleNames = [...]string{"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}

// A namedToken is a token as a config gives it.
type namedToken struct {
	AddedToken
	normalized *bool // nil: not said, so as for its kind
}

// final gives the token as the vocabulary takes it.
func (n namedToken) final() AddedToken {
	n.Normalized = !n.Special
	if n.normalized != nil {
		n.Normalized = *n.normalized
	}
	return n.AddedToken
}

// A config is what the files beside a vocabulary say. What no file says is nil.
type config struct {
	class, modelType                  string
	lower, chinese, strip             *bool
	prefixSpace, trim, addBOS, addEOS *bool
	named                             map[string]*namedToken // by names of roles and others; nil: there is none
	others                            []string               // those others, as the files have them
	extra                             []namedToken
	added                             map[int64]namedToken // by id; nil: there is no added_tokens_decoder
	seen                              map[string]bool      // tokens in extra
}

// readConfig reads tokenizer_config.json, special_tokens_map.json and the model's config.json, as far as they are there.
func readConfig(fsys fs.FS) (*config, error) {
	c := &config{named: map[string]*namedToken{}, seen: map[string]bool{}}
	for _, f := range []struct {
		name string
		read func(key string, raw []byte) error
	}{{modelFile, c.model}, {configFile, c.option}, {specialFile, c.special}} {
		data, err := readMaybe(fsys, f.name, maxConfigBytes)
		if err != nil {
			return nil, err
		}
		if data == nil {
			continue
		}
		if err := eachMember(f.name, data, f.read); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// eachMember calls f with every member of the object that a file holds. A key that comes again counts, as in Python.
func eachMember(name string, data []byte, f func(key string, raw []byte) error) error {
	if !utf8.Valid(data) {
		return errorf(name, ErrSyntax, "not UTF-8")
	}
	s := scanner{data: data}
	root, err := s.raw(0)
	if err != nil {
		return in(err, name)
	}
	if s.peek(); s.pos < len(data) {
		return in(s.fail("more follows"), name)
	}
	return members(name, root, f)
}

// model reads a member of config.json.
func (c *config) model(key string, raw []byte) error {
	switch {
	case raw[0] != '"':
	case key == "model_type":
		c.modelType = unquote(raw)
	case key == "tokenizer_class":
		c.class = unquote(raw)
	}
	return nil
}

// option reads a member of tokenizer_config.json.
func (c *config) option(key string, raw []byte) error {
	switch key {
	case "tokenizer_class":
		if raw[0] == '"' {
			c.class = unquote(raw)
		}
		return nil
	case "added_tokens_decoder":
		return c.decoder(raw)
	case "do_lower_case":
		return flag(key, raw, &c.lower)
	case "tokenize_chinese_chars":
		return flag(key, raw, &c.chinese)
	case "strip_accents":
		return flag(key, raw, &c.strip)
	case "add_prefix_space":
		return flag(key, raw, &c.prefixSpace)
	case "trim_offsets":
		return flag(key, raw, &c.trim)
	case "add_bos_token":
		return flag(key, raw, &c.addBOS)
	case "add_eos_token":
		return flag(key, raw, &c.addEOS)
	}
	return c.token(configFile, key, raw, false)
}

// special reads a member of special_tokens_map.json, which transformers passes over where there is an added_tokens_decoder.
func (c *config) special(key string, raw []byte) error {
	if c.added != nil || key == "additional_special_tokens" && len(c.extra) > 0 {
		return nil
	}
	return c.token(specialFile, key, raw, true)
}

// flag reads true, false, or null for what is not said.
func flag(key string, raw []byte, to **bool) error {
	switch v := string(raw); v {
	case "null":
		*to = nil
	case "true", "false":
		yes := v == "true"
		*to = &yes
	default:
		return errorf(configFile+"."+key, ErrField, "got %.40s, want true or false", raw)
	}
	return nil
}

// token reads a special token, or more of them, under its name; other keys are passed over. A token that is given as an object is special
// where always is set.
func (c *config) token(file, key string, raw []byte, always bool) error {
	path := file + "." + key
	switch {
	case key == "additional_special_tokens" || key == "extra_special_tokens":
		switch raw[0] {
		case 'n':
			return nil
		case '{':
			return members(path, raw, func(name string, raw []byte) error { return c.name(path, name, raw, always) })
		}
		return elements(path, raw, func(_ int, raw []byte) error {
			tok, err := parseNamedToken(path, raw, always)
			if err == nil && !c.seen[tok.Content] {
				c.seen[tok.Content] = true
				c.extra = append(c.extra, tok)
			}
			return err
		})
	case slices.Contains(roleNames[:], key), strings.HasSuffix(key, "_token") && (raw[0] == '"' || raw[0] == '{'):
		return c.name(path, key, raw, always)
	}
	return nil
}

// name gives a name to a token, or to none.
func (c *config) name(path, name string, raw []byte, always bool) error {
	if _, ok := c.named[name]; !ok && !slices.Contains(roleNames[:], name) {
		c.others = append(c.others, name)
	}
	c.named[name] = nil
	if string(raw) == "null" {
		return nil
	}
	tok, err := parseNamedToken(path, raw, always)
	c.named[name] = &tok
	return err
}

// parseNamedToken reads "[CLS]", which is special, or {"content": "[CLS]", ...}, which is where it says so or always is set.
func parseNamedToken(path string, raw []byte, always bool) (namedToken, error) {
	var n namedToken
	if raw[0] == '"' {
		n.Content, n.Special = unquote(raw), true
		return n, checkContent(path, n.Content)
	}
	o := openObject(path, raw)
	o.take("__type")
	n.Content, n.SingleWord, n.LStrip, n.RStrip = o.text("content"), o.boolean("single_word", false), o.boolean("lstrip", false), o.boolean("rstrip", false)
	n.normalized, n.Special = o.maybe("normalized"), o.boolean("special", false) || always
	if err := o.close(); err != nil {
		return n, err
	}
	return n, checkContent(path, n.Content)
}

func checkContent(path, content string) error {
	if content == "" || len(content) > MaxTokenBytes {
		return errorf(path, ErrVocab, "got a token of %d bytes, want 1 to %d", len(content), MaxTokenBytes)
	}
	return nil
}

// decoder reads added_tokens_decoder: {"103": {"content": "[MASK]", ...}, ...}.
func (c *config) decoder(raw []byte) error {
	const path = configFile + ".added_tokens_decoder"
	c.added = map[int64]namedToken{}
	return members(path, raw, func(key string, raw []byte) error {
		id, err := strconv.ParseInt(key, 10, 64)
		if err != nil || id < 0 || id >= MaxVocab {
			return errorf(path, ErrVocab, "got id %.40q, want 0 to %d", key, MaxVocab-1)
		}
		c.added[id], err = parseNamedToken(path, raw, false)
		return err
	})
}

// readAdded reads added_tokens.json, {"[MASK]": 103, ...}, which counts where there is no added_tokens_decoder.
func (c *config) readAdded(fsys fs.FS) error {
	if c.added != nil {
		return nil
	}
	data, err := readMaybe(fsys, addedFile, maxConfigBytes)
	if err != nil || data == nil {
		return err
	}
	c.added = map[int64]namedToken{}
	return eachMember(addedFile, data, func(content string, raw []byte) error {
		id, ok := integer(raw)
		if !ok || id < 0 || id >= MaxVocab {
			return errorf(addedFile, ErrVocab, "%.80q has id %.40s, want 0 to %d", content, raw, MaxVocab-1)
		}
		special := c.seen[content]
		for _, role := range roleNames {
			special = special || c.named[role] != nil && c.named[role].Content == content
		}
		normalized := !special
		c.added[id] = namedToken{AddedToken{Content: content, Special: special}, &normalized}
		return checkContent(addedFile, content)
	})
}
