package tokenizer

import "hash/maphash"

// A cache remembers how words were cut. It belongs to one goroutine at a time. A slot holds the last word that hashed to it; words and
// ids stand in arenas, and when one is full everything is forgotten, so that a cache never grows and makes no garbage.
type cache struct {
	seed  maphash.Seed
	slots []cacheSlot
	words []byte
	ids   []int32
	ends  []int32
}

type cacheSlot struct {
	hash      uint64 // 0: free
	word, ids uint32 // where they start
	n, nIDs   uint8
}

const (
	cacheSlots = 1 << 14
	cacheWord  = 48 // longest word that is remembered, in bytes
	cacheBytes = 1 << 18
)

func newCache() cache {
	return cache{
		seed: maphash.MakeSeed(), slots: make([]cacheSlot, cacheSlots),
		words: make([]byte, 0, cacheBytes), ids: make([]int32, 0, cacheBytes/2), ends: make([]int32, 0, cacheBytes/2),
	}
}

// get gives the ids and ends of word. When it doesn't know them, it gives its slot's hash for put.
func (c *cache) get(word []byte) (ids, ends []int32, hash uint64, ok bool) {
	hash = maphash.Bytes(c.seed, word) | 1
	s := &c.slots[hash>>(64-14)]
	if s.hash != hash || int(s.n) != len(word) || string(c.words[s.word:s.word+uint32(s.n)]) != string(word) {
		return nil, nil, hash, false
	}
	from, to := s.ids, s.ids+uint32(s.nIDs)
	return c.ids[from:to], c.ends[from:to], hash, true
}

func (c *cache) put(hash uint64, word []byte, ids, ends []int32) {
	if len(ids) > 255 {
		return
	}
	if len(c.words)+len(word) > cap(c.words) || len(c.ids)+len(ids) > cap(c.ids) {
		clear(c.slots)
		c.words, c.ids, c.ends = c.words[:0], c.ids[:0], c.ends[:0]
	}
	c.slots[hash>>(64-14)] = cacheSlot{hash, uint32(len(c.words)), uint32(len(c.ids)), uint8(len(word)), uint8(len(ids))}
	c.words = append(c.words, word...)
	c.ids = append(c.ids, ids...)
	c.ends = append(c.ends, ends...)
}
