package tokenizer

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// A family is a class of tokenizers that transformers makes from a vocabulary: what it calls its special tokens by itself.
type family map[string]string

var (
	bertFamily = family{
		"unk_token": BertTokens[1], "sep_token": BertTokens[3], "pad_token": BertTokens[0], "cls_token": BertTokens[2], "mask_token": BertTokens[4],
	}
	robertaFamily = family{
		"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token": "</s>", "pad_token": "<pad>", "cls_token": "<s>",
		"mask_token": "<mask>",
	}
	gpt2Family = family{"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
)

// load makes the tokenizer of a folder that has no tokenizer.json.
func (c *config) load(fsys fs.FS) (*Tokenizer, error) {
	name := strings.TrimSuffix(c.class, "Fast")
	if name == "" {
		name = c.modelType
	}
	switch name {
	case "BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "bert", "distilbert", "electra":
		return c.loadBERT(fsys)
	case "RobertaTokenizer", "roberta", "roberta-prelayernorm":
		return c.loadBPE(fsys, robertaFamily)
	case "GPT2Tokenizer", "gpt2":
		return c.loadBPE(fsys, gpt2Family)
	case "":
		return c.loadAny(fsys)
	}
	return nil, fmt.Errorf("tokenizer: %s: %w, and %w: the tokenizer of %.80q from a vocabulary alone", tokenizerFile, fs.ErrNotExist, ErrUnsupported, name)
}

// loadAny makes the tokenizer that the files of a folder allow.
func (c *config) loadAny(fsys fs.FS) (*Tokenizer, error) {
	has := func(name string) bool {
		_, err := fs.Stat(fsys, name)
		return !errors.Is(err, fs.ErrNotExist)
	}
	switch {
	case has(vocabFile):
		return c.loadBERT(fsys)
	case has(vocabJSONFile):
		return c.loadBPE(fsys, nil)
	}
	return nil, fmt.Errorf("tokenizer: %s, or %s, or %s with %s: %w", tokenizerFile, vocabFile, vocabJSONFile, mergesFile, fs.ErrNotExist)
}

// loadBERT makes BERT's tokenizer from vocab.txt.
func (c *config) loadBERT(fsys fs.FS) (*Tokenizer, error) {
	data, err := readFile(fsys, vocabFile, MaxFileBytes)
	if err != nil {
		return nil, err
	}
	m := &modelSpec{kind: "WordPiece", maxChars: defaultWordChars}
	if err := m.readVocabText(data); err != nil {
		return nil, err
	}
	s := c.specials(bertFamily, m)
	cls, sep, err := s.ends()
	if err != nil {
		return nil, err
	}
	unk, err := s.need("unk_token")
	if err != nil {
		return nil, err
	}
	m.unk = &unk.name
	t := &Tokenizer{
		norm:  &normalizer{kind: "BertNormalizer", clean: true, chinese: said(c.chinese, true), strip: c.strip, lower: said(c.lower, true)},
		pre:   &preTokenizer{kind: "BertPreTokenizer"},
		dec:   &decoder{kind: "WordPiece", prefix: "##", cleanup: true},
		post:  bertTemplate(cls, sep),
		added: s.added,
	}
	return s.finish(t, m, vocabFile)
}

// loadBPE makes RoBERTa's or GPT-2's tokenizer from vocab.json and merges.txt. Where the family is not said, it is RoBERTa's for a vocabulary
// with <s> and </s>.
func (c *config) loadBPE(fsys fs.FS, f family) (*Tokenizer, error) {
	data, err := readFile(fsys, vocabJSONFile, MaxFileBytes)
	if err != nil {
		return nil, err
	}
	none := ""
	m := &modelSpec{kind: "BPE", prefix: &none, suffix: &none}
	if err := eachMember(vocabJSONFile, data, m.token(vocabJSONFile)); err != nil {
		return nil, err
	}
	if data, err = readFile(fsys, mergesFile, MaxFileBytes); err != nil {
		return nil, err
	}
	if err := m.readMergesText(data); err != nil {
		return nil, err
	}
	if f == nil {
		f = gpt2Family
		if m.has("<s>") && m.has("</s>") {
			f = robertaFamily
		}
	}
	s := c.specials(f, m)
	prefix := said(c.prefixSpace, false)
	t := &Tokenizer{
		pre:   &preTokenizer{kind: "ByteLevel", prefix: prefix, trim: true, useRegex: true},
		dec:   &decoder{kind: "ByteLevel", addPrefix: true, trim: true, useRegex: true},
		added: s.added,
	}
	if _, ok := f["cls_token"]; ok {
		cls, sep, err := s.ends()
		if err != nil {
			return nil, err
		}
		t.post = robertaProcessing(cls, sep, prefix, said(c.trim, true))
	} else if t.post, err = s.bosAndEOS(said(c.addBOS, false), said(c.addEOS, false)); err != nil {
		return nil, err
	}
	return s.finish(t, m, vocabJSONFile+" and "+mergesFile)
}

// said gives what a file says, def where none does.
func said(v *bool, def bool) bool {
	if v == nil {
		return def
	}
	return *v
}

// A specials is the special tokens of a tokenizer that is being made.
type specials struct {
	names map[string]string // token of every role that has one
	added []AddedToken
	ids   map[string]int32 // of every token
}

// specials gathers the special tokens that the files and the family name, and gives those that are not in the vocabulary the next ids: first
// what has an id in the files, then what has a name, then the others.
func (c *config) specials(f family, m *modelSpec) *specials {
	s := &specials{names: maps.Clone(f), ids: make(map[string]int32, len(m.vocab))}
	for _, e := range m.vocab {
		s.ids[e.token] = e.id
	}
	special := map[string]bool{}
	for _, role := range slices.Concat(roleNames[:], c.others) {
		switch tok, ok := c.named[role]; {
		case ok && tok != nil:
			s.names[role] = tok.Content
		case ok:
			delete(s.names, role)
		}
		special[s.names[role]] = true
	}
	seen := map[string]bool{}
	add := func(tok namedToken) {
		if seen[tok.Content] {
			return
		}
		seen[tok.Content] = true
		tok.Special = tok.Special || special[tok.Content]
		a := tok.final()
		id, ok := s.ids[a.Content]
		if !ok {
			id = int32(len(s.ids))
			s.ids[a.Content] = id
		}
		a.ID = id
		s.added = append(s.added, a)
	}
	for _, id := range slices.Sorted(maps.Keys(c.added)) {
		add(c.added[id])
	}
	for _, role := range slices.Concat(roleNames[:], c.others) {
		if tok := c.named[role]; tok != nil {
			add(*tok)
		} else if name := s.names[role]; name != "" {
			add(namedToken{AddedToken: AddedToken{Content: name, Special: true}})
		}
	}
	for _, tok := range c.extra {
		add(tok)
	}
	return s
}

// need gives the token of a role that there must be.
func (s *specials) need(role string) (specialToken, error) {
	name, ok := s.names[role]
	if !ok {
		return specialToken{}, errorf(configFile+"."+role, ErrField, "got null, want a token")
	}
	return specialToken{name: name, ids: []int32{s.ids[name]}, tokens: []string{name}}, nil
}

// ends gives the tokens that texts stand between.
func (s *specials) ends() (cls, sep specialToken, err error) {
	if cls, err = s.need("cls_token"); err == nil {
		sep, err = s.need("sep_token")
	}
	return cls, sep, err
}

// bosAndEOS makes the post-processor of GPT-2, which puts the tokens that start and end a text round each where it is told to.
func (s *specials) bosAndEOS(bos, eos bool) (*postProcessor, error) {
	p := &postProcessor{kind: "TemplateProcessing"}
	for seq := range 2 {
		text := templatePiece{seq: seq, typeID: int32(seq)}
		pieces := []templatePiece{text}
		for _, end := range []struct {
			role string
			on   bool
		}{{"bos_token", bos}, {"eos_token", eos}} {
			if !end.on || s.names[end.role] == "" {
				continue
			}
			tok, err := s.need(end.role)
			if err != nil {
				return nil, err
			}
			if p.find(tok.name) == nil {
				p.special = append(p.special, tok)
			}
			piece := templatePiece{seq: -1, name: tok.name, typeID: text.typeID}
			if end.role == "bos_token" {
				pieces = slices.Insert(pieces, 0, piece)
			} else {
				pieces = append(pieces, piece)
			}
		}
		p.pair = append(p.pair, pieces...)
		if seq == 0 {
			p.single = pieces
		}
	}
	return p, nil
}

// finish compiles t, which then knows the roles of its tokens.
func (s *specials) finish(t *Tokenizer, m *modelSpec, files string) (*Tokenizer, error) {
	if len(s.ids) > MaxVocab {
		return nil, errorf(files, ErrLimit, "got %d tokens, want at most %d", len(s.ids), MaxVocab)
	}
	if err := t.compile(m); err != nil {
		return nil, in(err, files)
	}
	t.roles = Roles{-1, -1, -1, -1, -1}
	t.nameRoles(s.names)
	return t, nil
}
