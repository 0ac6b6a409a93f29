package tokenizer

import (
	"slices"
	"strconv"
	"strings"
	"sync"
)

// compile checks every part of t against the vocabulary of m and builds the tables.
func (t *Tokenizer) compile(m *modelSpec) error {
	if err := t.number(m); err != nil {
		return err
	}
	var err error
	if t.plan, err = t.pre.plan(); err != nil {
		return err
	}
	byteLevel := len(t.plan) > 0 && t.plan[len(t.plan)-1].kind == "ByteLevel"
	if m.kind == "WordPiece" {
		if byteLevel {
			return errorf("pre_tokenizer.type", ErrUnsupported, "got ByteLevel for WordPiece")
		}
		t.wp, err = m.wordPiece(t)
	} else {
		if !byteLevel {
			return errorf("pre_tokenizer.type", ErrUnsupported, "want ByteLevel for BPE")
		}
		t.bpe, err = m.bpe(t)
	}
	if err != nil {
		return err
	}
	if t.post != nil {
		if err := t.post.check(t); err != nil {
			return err
		}
	}
	if t.trunc != nil {
		if err := t.trunc.check(t); err != nil {
			return err
		}
	}
	if t.pad != nil {
		if err := t.pad.check(t); err != nil {
			return err
		}
	}
	t.findRoles(m)
	var raw, fixed []AddedToken
	for _, a := range t.added {
		if a.Normalized {
			fixed = append(fixed, a)
		} else {
			raw = append(raw, a)
		}
	}
	t.scratch = &sync.Pool{New: func() any { return &scratch{} }}
	t.rawTokens = newMatcher(raw, func(s string) string { return s })
	t.spelling = t.tokens
	t.fixTokens = newMatcher(fixed, t.normalized)
	if t.norm != nil && len(fixed) > 0 {
		t.spelling = slices.Clone(t.tokens)
		for _, a := range fixed {
			t.spelling[a.ID] = t.normalized(a.Content)
		}
	}
	t.findSkipped()
	return nil
}

// findSkipped finds the ids that Decode may skip. As in Hugging Face's library these go by their spelling: a special token that is looked
// for normalised is not skipped where that changes it.
func (t *Tokenizer) findSkipped() {
	special := map[string]bool{}
	for _, a := range t.added {
		if a.Special {
			special[a.Content] = true
		}
	}
	t.skipped = make([]bool, len(t.tokens))
	for _, a := range t.added {
		t.skipped[a.ID] = special[t.spelling[a.ID]]
	}
}

// normalized gives the normalised form of an added token.
func (t *Tokenizer) normalized(content string) string {
	if t.norm == nil {
		return content
	}
	return string(t.norm.apply(&scratch{}, aligned{b: []byte(content)}, false).b)
}

// number fills tokens and ids from the vocabulary and the added tokens: every id from 0 up once, every token once.
func (t *Tokenizer) number(m *modelSpec) error {
	const path = "model.vocab"
	n := len(m.vocab)
	t.ids = make(map[string]int32, n+len(t.added))
	high := int32(-1)
	for _, e := range m.vocab {
		if len(e.token) > MaxTokenBytes {
			return errorf(path, ErrLimit, "token of id %d has %d bytes, want at most %d", e.id, len(e.token), MaxTokenBytes)
		}
		if _, dup := t.ids[e.token]; dup {
			return errorf(path, ErrVocab, "token %.80q is given twice", e.token)
		}
		t.ids[e.token] = e.id
		high = max(high, e.id)
	}
	seen := make(map[int32]bool, len(t.added))
	for _, a := range t.added {
		if seen[a.ID] {
			return errorf("added_tokens", ErrVocab, "id %d is given twice", a.ID)
		}
		seen[a.ID] = true
		id, ok := t.ids[a.Content]
		if !ok {
			id = int32(len(t.ids)) // what Hugging Face's library gives it, whatever the file says
		}
		if id != a.ID {
			return errorf("added_tokens", ErrVocab, "token %.80q has id %d, want %d", a.Content, a.ID, id)
		}
		t.ids[a.Content] = a.ID
		high = max(high, a.ID)
	}
	if len(t.ids) == 0 {
		return errorf(path, ErrVocab, "got no tokens")
	}
	if len(t.ids) != int(high)+1 {
		return errorf(path, ErrVocab, "got %d tokens for ids 0 to %d: an id is missing or given twice", len(t.ids), high)
	}
	t.tokens = make([]string, len(t.ids))
	set := make([]bool, len(t.ids))
	for token, id := range t.ids {
		if set[id] {
			return errorf(path, ErrVocab, "id %d is given twice", id)
		}
		t.tokens[id], set[id] = token, true
	}
	t.special = make([]bool, len(t.tokens))
	for _, a := range t.added {
		t.special[a.ID] = a.Special
	}
	t.inModel = make([]bool, len(t.tokens))
	for _, e := range m.vocab {
		t.inModel[e.id] = true
	}
	sortAdded(t.added)
	return nil
}

// wordPiece builds the model.
func (m *modelSpec) wordPiece(t *Tokenizer) (*wordPiece, error) {
	w := &wordPiece{unkToken: "[UNK]", prefix: "##", maxChars: m.maxChars}
	if m.unk != nil {
		w.unkToken = *m.unk
	}
	if m.prefix != nil {
		w.prefix = *m.prefix
	}
	id, ok := t.ids[w.unkToken]
	if !ok || !t.inModel[id] {
		return nil, errorf("model.unk_token", ErrSpecialToken, "%.80q", w.unkToken)
	}
	w.unk = id
	total := 0
	for _, e := range m.vocab {
		total += len(e.token)
	}
	if total > maxTrieBytes {
		return nil, errorf("model.vocab", ErrLimit, "tokens have %d bytes, want at most %d", total, maxTrieBytes)
	}
	w.trie = newTrie(2 * total)
	for _, e := range m.vocab {
		w.trie.add(trieWord, e.token, e.id)
		if rest, ok := strings.CutPrefix(e.token, w.prefix); ok {
			w.trie.add(trieRest, rest, e.id)
		}
	}
	return w, nil
}

// bpe builds the model.
func (m *modelSpec) bpe(t *Tokenizer) (*bpe, error) {
	if m.fallback {
		for _, e := range m.vocab {
			if hex, ok := strings.CutPrefix(e.token, "<0x"); ok && strings.HasSuffix(hex, ">") {
				if n, err := strconv.ParseUint(strings.TrimSuffix(hex, ">"), 16, 8); err != nil || len(hex) != 3 || n > 255 {
					return nil, errorf("model.vocab", ErrVocab, "byte token %.40q", e.token)
				}
			}
		}
		return nil, errorf("model.byte_fallback", ErrUnsupported, "got true")
	}
	if m.prefix != nil && *m.prefix != "" || m.suffix != nil && *m.suffix != "" {
		return nil, errorf("model", ErrUnsupported, "continuing_subword_prefix or end_of_word_suffix")
	}
	b := &bpe{
		unk: -1, unkToken: m.unk, fuseUnk: m.fuseUnk, ignore: m.ignore, prefix: m.prefix, suffix: m.suffix, dropout: m.dropout,
		pairs: newPairTable(len(m.merges)),
	}
	if m.unk != nil && *m.unk != "" {
		id, ok := t.ids[*m.unk]
		if !ok {
			return nil, errorf("model.unk_token", ErrSpecialToken, "%.80q", *m.unk)
		}
		b.unk = id
	}
	id := func(token string) (int32, bool) {
		id, ok := t.ids[token]
		return id, ok && t.inModel[id]
	}
	for i := range b.bytes {
		b.bytes[i] = -1
		if v, ok := id(string(byteRune[i])); ok {
			b.bytes[i] = v
		}
	}
	for rank, pair := range m.merges {
		left, ok1 := id(pair[0])
		right, ok2 := id(pair[1])
		whole, ok3 := id(pair[0] + pair[1])
		if !ok1 || !ok2 || !ok3 {
			return nil, errorf("model.merges", ErrMerges, "merge %d of %.80q and %.80q: a part or the result is not in the vocabulary", rank, pair[0], pair[1])
		}
		if !b.pairs.put(left, right, int32(rank), whole) {
			return nil, errorf("model.merges", ErrMerges, "merge %d of %.80q and %.80q is given twice", rank, pair[0], pair[1])
		}
		b.merges = append(b.merges, [2]int32{left, right})
	}
	if b.ignore {
		b.words = make(map[string]int32, len(m.vocab))
		var buf []byte
		for _, e := range m.vocab {
			var ok bool
			if buf, ok = appendBytes(buf[:0], e.token); ok && len(buf) > 0 {
				b.words[string(buf)] = e.id
			}
		}
	}
	return b, nil
}
