package qa

import (
	"cmp"
	"math"
	"slices"
)

// A candidate is a span of context tokens with its score, the sum of its start and end logits.
type candidate struct {
	first, last int // tokens of the context
	score       float64
}

// best returns the n best spans over all windows of one context, and the lowest score of "no answer" among them, which is the
// score of the [CLS] position. starts and ends hold one row of logits per window. A span that two windows propose counts once, with its
// better score; equal scores are ordered by position.
func best(windows []Window, starts, ends [][]float32, maxAnswer, n int) (spans []candidate, null float64) {
	null = math.Inf(1)
	for i := range windows {
		w := &windows[i]
		null = min(null, float64(starts[i][0])+float64(ends[i][0]))
		from, to := top(starts[i], w, n), top(ends[i], w, n)
		for _, s := range from {
			for _, e := range to {
				if e < s || e-s >= maxAnswer {
					continue
				}
				spans = append(spans, candidate{
					first: w.Offset + s - w.First, last: w.Offset + e - w.First,
					score: float64(starts[i][s]) + float64(ends[i][e]),
				})
			}
		}
	}
	slices.SortFunc(spans, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.first, b.first), cmp.Compare(a.last, b.last))
	})
	kept := spans[:0]
	for _, s := range spans {
		seen := slices.ContainsFunc(kept, func(k candidate) bool { return k.first == s.first && k.last == s.last })
		if !seen && len(kept) < n {
			kept = append(kept, s)
		}
	}
	return kept, null
}

// top returns the positions of the n highest logits among the context tokens of w.
func top(logits []float32, w *Window, n int) []int {
	at := make([]int, w.Tokens)
	for i := range at {
		at[i] = w.First + i
	}
	slices.SortFunc(at, func(a, b int) int { return cmp.Or(cmp.Compare(logits[b], logits[a]), cmp.Compare(a, b)) })
	return at[:min(n, len(at))]
}

// softmax turns scores into probabilities.
func softmax(scores []float64) []float64 {
	if len(scores) == 0 {
		return nil
	}
	high, sum := slices.Max(scores), 0.0
	p := make([]float64, len(scores))
	for i, s := range scores {
		p[i] = math.Exp(s - high)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}
