package text

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// prefix stands before every parameter's name, as in transformers' BERT models with a head, until the family renames it.
const prefix = "bert."

// A Model is a tokenizer, a token embedding and an encoder. Training changes it; use a snapshot to read with it meanwhile.
type Model struct {
	Name      string // what the user calls it: a folder, an identifier; goes into passports
	Config    Config
	Tokenizer *tokenizer.Tokenizer
	Embedding *nn.Embedding
	Encoder   *backbone.Encoder
	Pooler    *Pooler   // of BERT and RoBERTa; nil: none
	Sentence  *Sentence // how sentence-transformers makes one vector of a text; nil where the folder doesn't say

	family        *family
	single        tokenizer.Frame // of one text
	cls, sep, pad int32
	tokenizerSum  string

	frozen *frozen // nil: it may change
	base   *Model  // whose weights these are, of Share; nil: its own
}

// New returns a model with initial weights by seed. The vocabulary is the tokenizer's where c leaves it 0.
func New(c Config, tok *tokenizer.Tokenizer, seed uint64) (*Model, error) {
	m, err := build(c, tok)
	if err != nil {
		return nil, err
	}
	for _, p := range m.Params() {
		p.Init(seed)
	}
	return m, nil
}

// build returns a model of zero weights.
func build(c Config, tok *tokenizer.Tokenizer) (*Model, error) {
	m := &Model{Config: c, Tokenizer: tok}
	m.Config.Config = c.Config.Defaults()
	if err := m.fitTokenizer(); err != nil {
		return nil, err
	}
	if err := m.Config.Validate(); err != nil {
		return nil, err
	}
	var err error
	if m.Embedding, err = nn.NewEmbedding(prefix, m.Config.Embedding(m.Config.VocabSize)); err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	if m.Encoder, err = backbone.New(m.Config.Config, prefix); err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	if m.family, err = familyNamed(m.Config.ModelType); err != nil {
		return nil, err
	}
	m.family.rename(m.Params())
	return m, nil
}

// fitTokenizer looks up the tokens that rows are framed with.
func (m *Model) fitTokenizer() error {
	if m.Config.VocabSize == 0 {
		m.Config.VocabSize = m.Tokenizer.VocabSize()
	}
	if n := m.Tokenizer.VocabSize(); n > m.Config.VocabSize {
		return fmt.Errorf("text: %w: it has %d tokens, the model %d", ErrTokenizer, n, m.Config.VocabSize)
	}
	r := m.Tokenizer.Roles()
	for _, t := range []struct {
		name string
		id   int32
		to   *int32
	}{{"[CLS]", r.Cls, &m.cls}, {"[SEP]", r.Sep, &m.sep}, {"[PAD]", r.Pad, &m.pad}} {
		if t.id < 0 {
			return fmt.Errorf("text: %w: it has no %s token", ErrTokenizer, t.name)
		}
		*t.to = t.id
	}
	m.single = m.Tokenizer.Frame(false)
	m.Config.PadTokenID = m.pad
	if m.Config.ModelType == "" {
		m.Config.name()
	}
	raw, err := m.Tokenizer.JSON()
	if err != nil {
		return fmt.Errorf("text: %w: %w", ErrTokenizer, err)
	}
	sum := sha256.Sum256(raw)
	m.tokenizerSum = "sha256:" + hex.EncodeToString(sum[:])
	return nil
}

// Params returns the parameters, the embedding's first.
func (m *Model) Params() []*nn.Param { return append(m.Embedding.Params(), m.Encoder.Params()...) }

// Width is D, the size of a token's vector.
func (m *Model) Width() int { return m.Config.Hidden }

// Pad, Cls and Sep are the tokens that rows are filled up, begun and ended with.
func (m *Model) Pad() int32 { return m.pad }

// Cls is the first token of a row.
func (m *Model) Cls() int32 { return m.cls }

// Sep ends a row and stands between its parts.
func (m *Model) Sep() int32 { return m.sep }

// Clone returns a model with weights of its own.
func (m *Model) Clone() (*Model, error) {
	if err := m.Encoder.Unchanged(); err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	c, err := build(m.Config, m.Tokenizer)
	if err != nil {
		return nil, err
	}
	c.Name, c.Pooler, c.Sentence = m.Name, m.Pooler, m.Sentence
	from := m.Params()
	for i, p := range c.Params() {
		copy(p.Value, from[i].Value)
	}
	return c, nil
}

// TokenizerSum is the SHA-256 of the tokenizer's tokenizer.json.
func (m *Model) TokenizerSum() string { return m.tokenizerSum }

// Fingerprint identifies the model as it is now: architecture, tokenizer and every bit of the weights.
func (m *Model) Fingerprint() string {
	if m.frozen != nil {
		return m.frozen.fingerprint()
	}
	return m.fingerprint()
}

func (m *Model) fingerprint() string {
	h := sha256.New()
	c := m.Config.Config
	c.Dropout, c.AttentionDropout = 0, 0 // nothing that reads depends on them
	if err := json.NewEncoder(h).Encode(c); err != nil {
		h.Write([]byte(err.Error())) // a valid config has only finite numbers
	}
	fmt.Fprintln(h, m.tokenizerSum, checkpoint.Digest(m.tensors()))
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// tensors returns the parameters as tensors that share their values.
func (m *Model) tensors() []checkpoint.Tensor { return tensors(m.Params()) }

func tensors(params []*nn.Param) []checkpoint.Tensor {
	all := make([]checkpoint.Tensor, len(params))
	for i, p := range params {
		all[i] = checkpoint.Tensor{Name: p.Name, Shape: p.Shape, Data: p.Value}
	}
	return all
}
