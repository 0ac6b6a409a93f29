package tokenizer

import "unicode/utf8"

// wordPiece cuts a word into the longest tokens that fit, from the left.
type wordPiece struct {
	unk      int32
	unkToken string
	prefix   string // of tokens that go on a word
	maxChars int    // a word of more code points is unknown
	trie     trie
}

// appendWord appends the ids of word to ids and their ends, as byte positions in word, to ends.
func (m *wordPiece) appendWord(ids, ends []int32, word []byte) ([]int32, []int32) {
	from := len(ids)
	if len(word) > m.maxChars && utf8.RuneCount(word) > m.maxChars {
		return append(ids, m.unk), append(ends, int32(len(word)))
	}
	root := trieWord
	for at := 0; at < len(word); {
		id, end := m.trie.longest(root, word, at)
		if id < 0 {
			return append(ids[:from], m.unk), append(ends[:from], int32(len(word)))
		}
		ids, ends = append(ids, id), append(ends, int32(end))
		at, root = end, trieRest
	}
	return ids, ends
}

// Roots of the trie: tokens that start a word, tokens that go on one.
const (
	trieWord uint32 = 0
	trieRest uint32 = 1
)

// A trie over bytes. Edges stand in one open-addressed table, keyed by node and byte.
type trie struct {
	keys  []uint32 // node<<8 | byte, plus one; 0 is free
	nodes []uint32
	ids   []int32 // [nodes] token that ends at a node, -1 for none
	shift uint
}

func newTrie(bytes int) trie {
	bits := uint(8)
	for 1<<bits < 2*bytes {
		bits++
	}
	return trie{keys: make([]uint32, 1<<bits), nodes: make([]uint32, 1<<bits), ids: []int32{-1, -1}, shift: 32 - bits}
}

func (t *trie) slot(key uint32) uint32 { return key * 0x9e3779b1 >> t.shift }

// add puts a token under a root.
func (t *trie) add(root uint32, token string, id int32) {
	node := root
	for i := range len(token) {
		key := node<<8 + uint32(token[i]) + 1
		at := t.slot(key)
		for t.keys[at] != 0 && t.keys[at] != key {
			at = (at + 1) & uint32(len(t.keys)-1)
		}
		if t.keys[at] == 0 {
			t.keys[at], t.nodes[at] = key, uint32(len(t.ids))
			t.ids = append(t.ids, -1)
		}
		node = t.nodes[at]
	}
	if token != "" {
		t.ids[node] = id
	}
}

// longest gives the longest token at word[at:] and where it ends; id -1 when there is none.
func (t *trie) longest(root uint32, word []byte, at int) (id int32, end int) {
	node := root
	id = -1
	mask := uint32(len(t.keys) - 1)
	for i := at; i < len(word); i++ {
		key := node<<8 + uint32(word[i]) + 1
		s := t.slot(key)
		for t.keys[s] != key {
			if t.keys[s] == 0 {
				return id, end
			}
			s = (s + 1) & mask
		}
		node = t.nodes[s]
		if t.ids[node] >= 0 {
			id, end = t.ids[node], i+1
		}
	}
	return id, end
}
