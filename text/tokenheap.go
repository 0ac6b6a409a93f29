package text

import (
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
)

// A tokenHeap gives tokens out by their scores, the best first and of equal ones the lowest id. It costs about what one pass over the
// vocabulary does, where sorting would cost more than a small model.
type tokenHeap struct {
	scores []float32 // [V]
	ids    []int32   // every token is better than its children, at twice its place and 1 or 2 more
}

// build puts all tokens into the heap but those of a score of -Inf.
func (h *tokenHeap) build(scores []float32) {
	h.scores, h.ids = scores, kernels.Grow(&h.ids, len(scores))[:0]
	for id, z := range scores {
		if z > float32(math.Inf(-1)) {
			h.ids = append(h.ids, int32(id))
		}
	}
	for i := len(h.ids)/2 - 1; i >= 0; i-- {
		h.sift(i)
	}
}

func (h *tokenHeap) len() int { return len(h.ids) }

// top is the best token.
func (h *tokenHeap) top() int32 { return h.ids[0] }

// pop takes the best token out.
func (h *tokenHeap) pop() int32 {
	top, last := h.ids[0], len(h.ids)-1
	h.ids[0] = h.ids[last]
	h.ids = h.ids[:last]
	h.sift(0)
	return top
}

// sift moves the token at i down to its place.
func (h *tokenHeap) sift(i int) {
	for {
		child := 2*i + 1
		if child >= len(h.ids) {
			return
		}
		if child+1 < len(h.ids) && h.better(h.ids[child+1], h.ids[child]) {
			child++
		}
		if !h.better(h.ids[child], h.ids[i]) {
			return
		}
		h.ids[i], h.ids[child] = h.ids[child], h.ids[i]
		i = child
	}
}

func (h *tokenHeap) better(a, b int32) bool {
	return h.scores[a] > h.scores[b] || h.scores[a] == h.scores[b] && a < b
}
