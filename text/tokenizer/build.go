package tokenizer

// BertOptions says how a BERT tokenizer is put together.
type BertOptions struct {
	Lowercase    bool
	StripAccents *bool // nil: as Lowercase
	MaxWordChars int   // 0: 100
}

// BertTokens are the special tokens of BERT. A vocabulary for NewWordPiece must have all of them.
var BertTokens = [...]string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}

// NewWordPiece makes the tokenizer of BERT with a vocabulary, one token an id, such as the lines of a vocab.txt.
func NewWordPiece(vocab []string, o BertOptions) (*Tokenizer, error) {
	if o.MaxWordChars == 0 {
		o.MaxWordChars = defaultWordChars
	}
	m := &modelSpec{kind: "WordPiece", maxChars: o.MaxWordChars}
	ids, err := m.number(vocab)
	if err != nil {
		return nil, err
	}
	t := &Tokenizer{
		norm: &normalizer{kind: "BertNormalizer", clean: true, chinese: true, strip: o.StripAccents, lower: o.Lowercase},
		pre:  &preTokenizer{kind: "BertPreTokenizer"},
		dec:  &decoder{kind: "WordPiece", prefix: "##", cleanup: true},
	}
	for _, token := range BertTokens {
		id, ok := ids[token]
		if !ok {
			return nil, errorf("vocabulary", ErrSpecialToken, "%q", token)
		}
		t.added = append(t.added, AddedToken{ID: id, Content: token, Special: true})
	}
	one := func(name string) specialToken {
		return specialToken{name: name, ids: []int32{ids[name]}, tokens: []string{name}}
	}
	t.post = bertTemplate(one(BertTokens[2]), one(BertTokens[3]))
	if err := t.compile(m); err != nil {
		return nil, err
	}
	return t, nil
}

// ByteLevelOptions says how a byte-level BPE tokenizer is put together.
type ByteLevelOptions struct {
	PrefixSpace bool     // treat the start of a text as the start of a word
	Special     []string // tokens of the vocabulary that are special
	Cls, Sep    string   // with both, texts stand between them as RoBERTa's do
}

// NewByteLevel makes a byte-level BPE tokenizer, with GPT-2's pattern, from a vocabulary, one token an id, and merges by rank.
func NewByteLevel(vocab []string, merges [][2]string, o ByteLevelOptions) (*Tokenizer, error) {
	m := &modelSpec{kind: "BPE", merges: merges}
	ids, err := m.number(vocab)
	if err != nil {
		return nil, err
	}
	t := &Tokenizer{
		pre:  &preTokenizer{kind: "ByteLevel", prefix: o.PrefixSpace, trim: true, useRegex: true},
		dec:  &decoder{kind: "ByteLevel", addPrefix: true, trim: true, useRegex: true},
		post: &postProcessor{kind: "ByteLevel", prefixSpace: o.PrefixSpace, trim: true, useRegex: true, trims: []bool{o.PrefixSpace}},
	}
	for _, token := range o.Special {
		id, ok := ids[token]
		if !ok {
			return nil, errorf("vocabulary", ErrSpecialToken, "%.80q", token)
		}
		t.added = append(t.added, AddedToken{ID: id, Content: token, Special: true})
	}
	if o.Cls != "" && o.Sep != "" {
		var ends [2]specialToken
		for i, name := range []string{o.Cls, o.Sep} {
			id, ok := ids[name]
			if !ok {
				return nil, errorf("vocabulary", ErrSpecialToken, "%.80q", name)
			}
			ends[i] = specialToken{name: name, ids: []int32{id}, tokens: []string{name}}
		}
		t.post = robertaProcessing(ends[0], ends[1], o.PrefixSpace, true)
	}
	if err := t.compile(m); err != nil {
		return nil, err
	}
	return t, nil
}

// number gives the tokens their index as id.
func (m *modelSpec) number(vocab []string) (map[string]int32, error) {
	if len(vocab) > MaxVocab {
		return nil, errorf("vocabulary", ErrLimit, "got %d tokens, want at most %d", len(vocab), MaxVocab)
	}
	ids := make(map[string]int32, len(vocab))
	for i, token := range vocab {
		ids[token] = int32(i)
		m.vocab = append(m.vocab, entry{token, int32(i)})
	}
	return ids, nil
}
