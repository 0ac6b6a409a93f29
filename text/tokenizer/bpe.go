package tokenizer

// bpe merges the bytes of a word, best rank first, leftmost first among equals.
type bpe struct {
	unk      int32 // -1: bytes without a token are left out
	unkToken *string
	fuseUnk  bool
	ignore   bool // a word that is a token is not built by merges
	prefix   *string
	suffix   *string
	merges   [][2]int32 // by rank; kept for the file
	bytes    [256]int32 // token of every byte, -1 for none
	pairs    pairTable
	words    map[string]int32 // with ignore: token of a word, by its bytes
	dropout  bool             // the file gives it, as 0
}

// A pairTable maps a pair of ids to the rank and the result of their merge, open-addressed.
type pairTable struct {
	keys  []uint64 // left<<32 | right, plus one; 0 is free
	vals  []uint64 // rank<<32 | result
	shift uint
}

func newPairTable(n int) pairTable {
	bits := uint(4)
	for 1<<bits < 2*n {
		bits++
	}
	return pairTable{keys: make([]uint64, 1<<bits), vals: make([]uint64, 1<<bits), shift: 64 - bits}
}

const noPair = ^uint64(0)

// slot gives where the pair stands or could be put.
func (t *pairTable) slot(a, b int32) (int, uint64) {
	key := uint64(uint32(a))<<32 + uint64(uint32(b)) + 1
	at := key * 0x9e3779b97f4a7c15 >> t.shift
	for t.keys[at] != 0 && t.keys[at] != key {
		at = (at + 1) & uint64(len(t.keys)-1)
	}
	return int(at), key
}

// get gives rank<<32 | result, noPair when the pair doesn't merge.
func (t *pairTable) get(a, b int32) uint64 {
	at, _ := t.slot(a, b)
	if t.keys[at] == 0 {
		return noPair
	}
	return t.vals[at]
}

// put adds a pair; it says whether it is new.
func (t *pairTable) put(a, b int32, rank, result int32) bool {
	at, key := t.slot(a, b)
	if t.keys[at] != 0 {
		return false
	}
	t.keys[at], t.vals[at] = key, uint64(rank)<<32|uint64(uint32(result))
	return true
}

// A symbol is a token inside a word that is being merged; they form a list.
type symbol struct {
	id         int32 // -1: merged into its left neighbour
	prev, next int32
	end        int32
}

// A merge waits in the heap: pair is rank<<32 | result, at is the left symbol.
type merge struct {
	pair uint64
	at   int32
}

func (m merge) before(o merge) bool { return m.pair < o.pair || m.pair == o.pair && m.at < o.at }

// bpeScratch holds the buffers of one appendWord.
type bpeScratch struct {
	symbols []symbol
	heap    []merge
}

// shortWord is the number of symbols up to which looking at every pair again beats a heap.
const shortWord = 24

// appendWord appends the ids of word to ids and their ends, as byte positions in word, to ends.
func (m *bpe) appendWord(s *bpeScratch, ids, ends []int32, word []byte) ([]int32, []int32) {
	if m.ignore {
		if id, ok := m.words[string(word)]; ok {
			return append(ids, id), append(ends, int32(len(word)))
		}
	}
	syms := s.symbols[:0]
	for i, b := range word {
		id := m.bytes[b]
		if id < 0 {
			if m.unk < 0 {
				continue
			}
			id = m.unk
			if n := len(syms); m.fuseUnk && n > 0 && syms[n-1].id == m.unk && m.bytes[word[i-1]] < 0 {
				syms[n-1].end = int32(i + 1)
				continue
			}
		}
		syms = append(syms, symbol{id: id, end: int32(i + 1)})
	}
	s.symbols = syms
	if len(syms) <= shortWord {
		syms = m.mergeShort(syms)
	} else {
		m.mergeLong(s)
	}
	for _, y := range syms {
		if y.id >= 0 {
			ids, ends = append(ids, y.id), append(ends, y.end)
		}
	}
	return ids, ends
}

// mergeShort merges by looking for the best pair again after every merge.
func (m *bpe) mergeShort(syms []symbol) []symbol {
	var pairs [shortWord]uint64 // pairs[i]: syms[i] with syms[i+1]
	for i := 0; i+1 < len(syms); i++ {
		pairs[i] = m.pairs.get(syms[i].id, syms[i+1].id)
	}
	for len(syms) > 1 {
		best, at := noPair, 0
		for i, p := range pairs[:len(syms)-1] {
			if p < best {
				best, at = p, i
			}
		}
		if best == noPair {
			break
		}
		syms[at].id, syms[at].end = int32(uint32(best)), syms[at+1].end
		copy(syms[at+1:], syms[at+2:])
		copy(pairs[at:], pairs[at+1:len(syms)-1])
		syms = syms[:len(syms)-1]
		if at > 0 {
			pairs[at-1] = m.pairs.get(syms[at-1].id, syms[at].id)
		}
		if at+1 < len(syms) {
			pairs[at] = m.pairs.get(syms[at].id, syms[at+1].id)
		}
	}
	return syms
}

// mergeLong merges by a heap of pairs, some of them stale: O(n log n).
func (m *bpe) mergeLong(s *bpeScratch) {
	syms := s.symbols
	h := s.heap[:0]
	push := func(at, next int32) {
		if p := m.pairs.get(syms[at].id, syms[next].id); p != noPair {
			h = append(h, merge{p, at})
			for i := len(h) - 1; i > 0; {
				up := (i - 1) / 2
				if !h[i].before(h[up]) {
					break
				}
				h[i], h[up] = h[up], h[i]
				i = up
			}
		}
	}
	last := int32(len(syms) - 1)
	for i := range syms {
		syms[i].prev, syms[i].next = int32(i)-1, int32(i)+1
	}
	syms[last].next = -1
	for i := range last {
		push(i, i+1)
	}
	for len(h) > 0 {
		top := h[0]
		h[0] = h[len(h)-1]
		h = h[:len(h)-1]
		siftDown(h)
		left := &syms[top.at]
		if left.id < 0 || left.next < 0 || m.pairs.get(left.id, syms[left.next].id) != top.pair {
			continue
		}
		right := &syms[left.next]
		left.id, left.end = int32(uint32(top.pair)), right.end
		right.id = -1
		left.next = right.next
		if left.next >= 0 {
			syms[left.next].prev = top.at
			push(top.at, left.next)
		}
		if left.prev >= 0 {
			push(left.prev, top.at)
		}
	}
	s.heap = h[:0]
}

func siftDown(h []merge) {
	for i := 0; ; {
		c := 2*i + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && h[c+1].before(h[c]) {
			c++
		}
		if !h[c].before(h[i]) {
			return
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
}
