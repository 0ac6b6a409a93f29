package extractive

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/metrics"
)

// A Budget says how long a summary may be. Limits that are zero don't count, but one must be set.
type Budget struct {
	Sentences int // at most this many
	Words     int // at most this many words between white space; a sentence that doesn't fit is passed over
}

// Redundancy says how repetition is kept out. The zero value allows it.
type Redundancy struct {
	Trigrams bool    // pass over a sentence that shares a run of three words with one already picked (Paulus et al., 2018)
	MMR      float64 // from 0 to 1: this much of the score is taken off by likeness to what is picked (Carbonell and Goldstein, 1998)
}

// Select picks sentences by falling score within the budget and gives their numbers in document order. Of equal scores the earlier sentence comes
// first. A first sentence that is over the budget of words by itself is still picked, so that a summary is never empty.
//
// With MMR m each turn takes the sentence with the highest (1-m)*score - m*likeness, where scores are scaled to [0, 1] and likeness is
// the greatest cosine of word counts with a sentence already picked.
func Select(scores []float64, sentences []string, b Budget, r Redundancy) ([]int, error) {
	if len(scores) != len(sentences) || len(scores) == 0 {
		return nil, fmt.Errorf("extractive: select: got %d scores of %d sentences, want as many and at least one", len(scores), len(sentences))
	}
	if b.Sentences < 0 || b.Words < 0 || b.Sentences == 0 && b.Words == 0 {
		return nil, errors.New("extractive: select: budget is empty: want a number of sentences or words")
	}
	if !(r.MMR >= 0 && r.MMR <= 1) {
		return nil, fmt.Errorf("extractive: select: MMR is %g, want 0 to 1", r.MMR)
	}
	p := picker{tokens: make([][]string, len(sentences)), alike: make([]float64, len(sentences))}
	for i, s := range sentences {
		if math.IsNaN(scores[i]) || math.IsInf(scores[i], 0) {
			return nil, fmt.Errorf("extractive: select: score %d is %g, want it finite", i, scores[i])
		}
		p.tokens[i] = (metrics.ROUGE{}).Tokens(s)
	}
	p.gain = scaled(scores)
	left := make([]int, len(scores))
	for i := range left {
		left[i] = i
	}
	words := 0
	for len(left) > 0 && (b.Sentences == 0 || len(p.picked) < b.Sentences) {
		at := p.best(left, r.MMR)
		i := left[at]
		left = slices.Delete(left, at, at+1)
		w := len(strings.Fields(sentences[i]))
		if b.Words > 0 && words+w > b.Words && len(p.picked) > 0 || r.Trigrams && p.repeats(i) {
			continue
		}
		words += w
		p.pick(i)
	}
	slices.Sort(p.picked)
	return p.picked, nil
}

type picker struct {
	tokens [][]string
	gain   []float64 // scores scaled to [0, 1]
	alike  []float64 // greatest likeness with a picked sentence
	picked []int
	seen   map[[3]string]bool
}

// scaled maps scores to [0, 1].
func scaled(scores []float64) []float64 {
	low, high := slices.Min(scores), slices.Max(scores)
	out := make([]float64, len(scores))
	for i, s := range scores {
		if high > low {
			out[i] = (s - low) / (high - low)
		}
	}
	return out
}

// best gives the place in left of the sentence to take next.
func (p *picker) best(left []int, mmr float64) int {
	best, value := 0, math.Inf(-1)
	for at, i := range left {
		if v := (1-mmr)*p.gain[i] - mmr*p.alike[i]; v > value {
			best, value = at, v
		}
	}
	return best
}

func (p *picker) repeats(i int) bool {
	for g := range trigrams(p.tokens[i]) {
		if p.seen[g] {
			return true
		}
	}
	return false
}

func (p *picker) pick(i int) {
	p.picked = append(p.picked, i)
	if p.seen == nil {
		p.seen = map[[3]string]bool{}
	}
	for g := range trigrams(p.tokens[i]) {
		p.seen[g] = true
	}
	for j := range p.alike {
		p.alike[j] = max(p.alike[j], cosine(p.tokens[i], p.tokens[j]))
	}
}

func trigrams(tokens []string) map[[3]string]bool {
	m := map[[3]string]bool{}
	for i := 0; i+3 <= len(tokens); i++ {
		m[[3]string(tokens[i:i+3])] = true
	}
	return m
}

// cosine of the word counts of two sentences.
func cosine(a, b []string) float64 {
	ca, cb := counts(a), counts(b)
	var both, na, nb float64
	for w, n := range ca {
		both += n * cb[w]
		na += n * n
	}
	for _, n := range cb {
		nb += n * n
	}
	if both == 0 {
		return 0
	}
	return both / math.Sqrt(na*nb)
}

func counts(tokens []string) map[string]float64 {
	m := map[string]float64{}
	for _, t := range tokens {
		m[t]++
	}
	return m
}
