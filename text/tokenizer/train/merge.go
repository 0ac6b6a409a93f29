package train

import (
	"container/heap"
	"context"
	"fmt"
	"slices"
	"strings"
)

// A pair of neighbouring symbols.
type pair struct{ left, right int32 }

// A candidate is a pair with a count that may have changed since.
type candidate struct {
	pair
	count int64
}

// candidates is a heap: most frequent first, then smallest left id, then smallest right id.
type candidates []candidate

func (h candidates) Len() int      { return len(h) }
func (h candidates) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h candidates) Less(i, j int) bool {
	a, b := &h[i], &h[j]
	switch {
	case a.count != b.count:
		return a.count > b.count
	case a.left != b.left:
		return a.left < b.left
	}
	return a.right < b.right
}
func (h *candidates) Push(x any) { *h = append(*h, x.(candidate)) }
func (h *candidates) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// merge adds merged tokens until the vocabulary is full or no pair is frequent enough, and gives the merges in order.
// prefix marks tokens that go on a word; a merged token drops it from its right part.
func (v *vocabulary) merge(ctx context.Context, words []word, c Config, prefix string) ([][2]string, error) {
	counts := map[pair]int64{}
	where := map[pair][]int32{} // words that a pair was seen in
	see := func(p pair, i int32) {
		if at := where[p]; len(at) == 0 || at[len(at)-1] != i {
			where[p] = append(at, i)
		}
	}
	for i, w := range words {
		for k := 1; k < len(w.ids); k++ {
			p := pair{w.ids[k-1], w.ids[k]}
			counts[p] += w.count
			see(p, int32(i))
		}
	}
	h := make(candidates, 0, len(counts))
	for p, n := range counts {
		h = append(h, candidate{p, n})
	}
	heap.Init(&h)
	risen := map[pair]bool{}
	var merges [][2]string
	for len(v.tokens) < c.VocabSize && len(h) > 0 {
		if len(merges)%64 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("train: after %d merges: %w", len(merges), err)
			}
		}
		top := heap.Pop(&h).(candidate)
		now := counts[top.pair]
		if now < int64(max(c.MinFrequency, 1)) {
			continue
		}
		if now != top.count {
			top.count = now
			heap.Push(&h, top)
			continue
		}
		left, right := v.tokens[top.left], v.tokens[top.right]
		id := v.add(left + strings.TrimPrefix(right, prefix))
		merges = append(merges, [2]string{left, right})
		for _, i := range where[top.pair] {
			words[i].merge(top.pair, id, func(p pair, n int64) {
				counts[p] += n
				if n > 0 {
					see(p, i)
					risen[p] = true
				}
			})
		}
		delete(counts, top.pair)
		delete(where, top.pair)
		for p := range risen {
			heap.Push(&h, candidate{p, counts[p]})
		}
		clear(risen)
	}
	return merges, nil
}

// merge puts id for every occurrence of p, from the left, and reports how the counts of pairs change.
func (w *word) merge(p pair, id int32, change func(pair, int64)) {
	ids := w.ids
	out := ids[:0]
	for k := 0; k < len(ids); k++ {
		if ids[k] != p.left || k+1 == len(ids) || ids[k+1] != p.right {
			out = append(out, ids[k])
			continue
		}
		if n := len(out); n > 0 {
			change(pair{out[n-1], p.left}, -w.count)
			change(pair{out[n-1], id}, w.count)
		}
		if k+2 < len(ids) {
			change(pair{p.right, ids[k+2]}, -w.count)
			change(pair{id, ids[k+2]}, w.count)
		}
		out = append(out, id)
		k++
	}
	w.ids = slices.Clip(out)
}
