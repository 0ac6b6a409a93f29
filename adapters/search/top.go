package search

import (
	"cmp"
	"slices"
)

// A ranked is a place with its score.
type ranked struct {
	score float32
	at    int
}

// after orders from the best: a higher score first, then the earlier place.
func (r ranked) after(o ranked) int {
	return cmp.Or(cmp.Compare(o.score, r.score), cmp.Compare(r.at, o.at))
}

// A top keeps the best k of what it sees, in a heap whose root is the worst.
type top struct {
	k    int
	heap []ranked
}

// take sees the scores of places from at on. Places come in ascending order, so of equal scores the first stays.
func (t *top) take(scores []float32, at int) {
	for i, s := range scores {
		if len(t.heap) == t.k {
			if !(s > t.heap[0].score) {
				continue
			}
			t.heap[0] = ranked{s, at + i}
			t.down()
			continue
		}
		t.heap = append(t.heap, ranked{s, at + i})
		t.up()
	}
}

func (t *top) up() {
	h, i := t.heap, len(t.heap)-1
	for i > 0 {
		parent := (i - 1) / 2
		if h[i].after(h[parent]) <= 0 {
			return
		}
		h[i], h[parent] = h[parent], h[i]
		i = parent
	}
}

func (t *top) down() {
	h := t.heap
	for i := 0; ; {
		worst := i
		for _, child := range [2]int{2*i + 1, 2*i + 2} {
			if child < len(h) && h[child].after(h[worst]) > 0 {
				worst = child
			}
		}
		if worst == i {
			return
		}
		h[i], h[worst] = h[worst], h[i]
		i = worst
	}
}

// sorted gives what was kept, best first.
func (t *top) sorted() []ranked {
	slices.SortFunc(t.heap, ranked.after)
	return t.heap
}
