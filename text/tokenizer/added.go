package tokenizer

import (
	"bytes"
	"cmp"
	"slices"
	"unicode"
	"unicode/utf8"
)

// An AddedToken is found in a text before the model sees it.
type AddedToken struct {
	ID         int32
	Content    string
	SingleWord bool // only where no word character touches it
	LStrip     bool // takes the white space on its left with it
	RStrip     bool // and on its right
	Normalized bool // looked for in the normalised text, by its normalised form
	Special    bool // Decode may skip it
}

func parseAdded(raw []byte) ([]AddedToken, error) {
	var out []AddedToken
	err := elements("added_tokens", raw, func(i int, raw []byte) error {
		if i >= MaxVocab {
			return errorf("added_tokens", ErrLimit, "got more than %d", MaxVocab)
		}
		o := openObject("added_tokens[]", raw)
		id := o.take("id")
		a := AddedToken{
			Content: o.text("content"), SingleWord: o.boolean("single_word", false), LStrip: o.boolean("lstrip", false),
			RStrip: o.boolean("rstrip", false), Special: o.boolean("special", false),
		}
		a.Normalized = o.boolean("normalized", !a.Special)
		if err := o.close(); err != nil {
			return err
		}
		n, ok := integer(id)
		if !ok || n < 0 || n >= MaxVocab {
			return errorf("added_tokens[].id", ErrVocab, "got %.40s for %.80q, want 0 to %d", id, a.Content, MaxVocab-1)
		}
		if a.Content == "" || len(a.Content) > MaxTokenBytes {
			return errorf("added_tokens[].content", ErrVocab, "got %d bytes, want 1 to %d", len(a.Content), MaxTokenBytes)
		}
		a.ID = int32(n)
		out = append(out, a)
		return nil
	})
	return out, err
}

// A matcher finds added tokens in a text: the leftmost, and of those that start there the longest.
type matcher struct {
	first [256]bool // bytes that a token starts with
	next  map[uint64]int32
	token []int32 // [nodes] index into added, -1: none ends here
	added []AddedToken
}

// A match is an added token at bytes [start, end); the search goes on at next.
type match struct {
	start, end, next int
	id               int32
}

// newMatcher makes a matcher of tokens, each looked for as its pattern; nil when there is none.
func newMatcher(tokens []AddedToken, pattern func(string) string) *matcher {
	m := &matcher{next: map[uint64]int32{}, token: []int32{-1}}
	for _, a := range tokens {
		p := pattern(a.Content)
		if p == "" {
			continue
		}
		m.first[p[0]] = true
		node := int32(0)
		for i := range len(p) {
			key := uint64(node)<<8 | uint64(p[i])
			to, ok := m.next[key]
			if !ok {
				to = int32(len(m.token))
				m.token = append(m.token, -1)
				m.next[key] = to
			}
			node = to
		}
		if m.token[node] < 0 {
			m.token[node] = int32(len(m.added))
			m.added = append(m.added, a)
		}
	}
	if len(m.added) == 0 {
		return nil
	}
	return m
}

// find gives the first match at or after from; at is where the match before ended, taken the furthest that one has, white space included.
//
// As in Hugging Face's library, the search goes on where the token itself ends, so a token that starts with white space is found again
// in the white space that the one before took. There it takes no more of it, or n spaces could make n tokens of n bytes.
func (m *matcher) find(text []byte, from, at, taken int) (match, bool) {
	for i := from; i < len(text); i++ {
		if !m.first[text[i]] {
			continue
		}
		node, best, end := int32(0), int32(-1), 0
		for j := i; j < len(text); j++ {
			to, ok := m.next[uint64(node)<<8|uint64(text[j])]
			if !ok {
				break
			}
			if node = to; m.token[node] >= 0 {
				best, end = m.token[node], j+1
			}
		}
		if best < 0 {
			continue
		}
		a := &m.added[best]
		if a.SingleWord && (wordBefore(text[:i]) || wordAfter(text[end:])) {
			i = end - 1
			continue
		}
		found := match{start: i, end: end, next: end, id: a.ID}
		if a.LStrip {
			found.start = at + len(bytes.TrimRightFunc(text[min(at, i):i], unicode.IsSpace))
		}
		if a.RStrip && end >= taken {
			found.end = len(text) - len(bytes.TrimLeftFunc(text[end:], unicode.IsSpace))
		}
		return found, true
	}
	return match{}, false
}

func wordBefore(b []byte) bool {
	r, n := utf8.DecodeLastRune(b)
	return n > 0 && class(r)&isWord != 0
}

func wordAfter(b []byte) bool {
	r, n := utf8.DecodeRune(b)
	return n > 0 && class(r)&isWord != 0
}

// sortAdded orders tokens by id, as files have them.
func sortAdded(a []AddedToken) {
	slices.SortStableFunc(a, func(x, y AddedToken) int { return cmp.Compare(x.ID, y.ID) })
}
