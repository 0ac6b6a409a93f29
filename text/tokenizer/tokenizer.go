package tokenizer

import (
	"fmt"
	"io"
	"os"
	"sync"
)

// A Tokenizer encodes and decodes text. It is immutable and safe for concurrent use.
type Tokenizer struct {
	added   []AddedToken
	norm    *normalizer     // nil: none
	pre     *preTokenizer   // nil: none
	plan    []*preTokenizer // what pre comes to, rule after rule
	post    *postProcessor
	dec     *decoder
	trunc   *Truncation
	pad     *Padding
	wp      *wordPiece // one of wp and bpe is set
	bpe     *bpe
	tokens  []string         // token of every id; added ones included
	ids     map[string]int32 // id of every token
	inModel []bool           // [V] the model has the token; else only the added tokens do

	roles     Roles
	spelling  []string // [V] tokens as Decode spells them: an added token that is looked for normalised, so
	special   []bool   // [V] special tokens
	skipped   []bool   // [V] ids that Decode may skip
	rawTokens *matcher // added tokens that are looked for in the text as it is
	fixTokens *matcher // and those that are looked for in the normalised text
	scratch   *sync.Pool
}

// Load reads a tokenizer.json.
func Load(path string) (*Tokenizer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	t, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	return t, nil
}

// VocabSize gives the number of ids V, added tokens included.
func (t *Tokenizer) VocabSize() int { return len(t.tokens) }

// ID gives the id of a token as the vocabulary spells it.
func (t *Tokenizer) ID(token string) (int32, bool) {
	id, ok := t.ids[token]
	return id, ok
}

// Token gives the token of an id, "" for an id outside [0, V).
func (t *Tokenizer) Token(id int32) string {
	if id < 0 || int(id) >= len(t.tokens) {
		return ""
	}
	return t.tokens[id]
}

// IsSpecial says whether id is a special token.
func (t *Tokenizer) IsSpecial(id int32) bool {
	return id >= 0 && int(id) < len(t.special) && t.special[id]
}

// Added gives the added tokens.
func (t *Tokenizer) Added() []AddedToken { return append([]AddedToken(nil), t.added...) }

// Truncation gives the truncation of Encode, nil for none.
func (t *Tokenizer) Truncation() *Truncation {
	if t.trunc == nil {
		return nil
	}
	c := *t.trunc
	return &c
}

// Padding gives the padding of Encode, nil for none.
func (t *Tokenizer) Padding() *Padding {
	if t.pad == nil {
		return nil
	}
	c := *t.pad
	return &c
}

// SetTruncation returns a copy of t that truncates as tr says; nil means not at all.
func (t *Tokenizer) SetTruncation(tr *Truncation) (*Tokenizer, error) {
	c := *t
	c.trunc = nil
	if tr != nil {
		v := *tr
		if err := v.check(t); err != nil {
			return nil, err
		}
		c.trunc = &v
	}
	return &c, nil
}

// SetPadding returns a copy of t that pads as p says; nil means not at all.
func (t *Tokenizer) SetPadding(p *Padding) (*Tokenizer, error) {
	c := *t
	c.pad = nil
	if p != nil {
		v := *p
		if err := v.check(t); err != nil {
			return nil, err
		}
		c.pad = &v
	}
	return &c, nil
}
