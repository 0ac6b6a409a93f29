package extractive

import (
	"math"
	"strings"

	"github.com/fmkit/fmkit/shared/metrics"
)

// TextRank's constants: the damping of PageRank, and when its iteration ends.
const (
	damping       = 0.85
	rankTolerance = 1e-9
	rankLimit     = 500
)

// TextRank scores sentences by R. Mihalcea and P. Tarau, TextRank: bringing order into texts, EMNLP 2004: sentences are nodes,
// two of them joined with the weight
//
//	|words in both| / (log |words of one| + log |words of the other|)
//
// and a sentence's score is that of a random walk which follows an edge with probability 0.85 and jumps anywhere otherwise. Words are
// stemmed and common ones left out. Scores sum to 1; a document with no common words has equal ones.
func TextRank(sentences []string) []float64 {
	n := len(sentences)
	if n == 0 {
		return nil
	}
	words := make([]map[string]bool, n)
	for i, s := range sentences {
		words[i] = content(s)
	}
	weight := make([]float64, n*n) // [n, n], symmetric
	degree := make([]float64, n)
	for i := range n {
		for j := range i {
			w := similarity(words[i], words[j])
			weight[i*n+j], weight[j*n+i] = w, w
			degree[i] += w
			degree[j] += w
		}
	}
	rank, next := make([]float64, n), make([]float64, n)
	for i := range rank {
		rank[i] = 1 / float64(n)
	}
	for range rankLimit {
		alone := 0.0 // the share of sentences without an edge goes to all
		for j, d := range degree {
			if d == 0 {
				alone += rank[j]
			}
		}
		moved := 0.0
		for i := range next {
			sum := alone / float64(n)
			for j, d := range degree {
				if w := weight[i*n+j]; w > 0 {
					sum += w / d * rank[j]
				}
			}
			next[i] = (1-damping)/float64(n) + damping*sum
			moved += math.Abs(next[i] - rank[i])
		}
		rank, next = next, rank
		if moved < rankTolerance {
			break
		}
	}
	return rank
}

// similarity is the overlap of two sets of words; sentences of fewer than two words have none.
func similarity(a, b map[string]bool) float64 {
	if len(a) < 2 || len(b) < 2 {
		return 0
	}
	if len(b) < len(a) {
		a, b = b, a
	}
	both := 0
	for w := range a {
		if b[w] {
			both++
		}
	}
	return float64(both) / (math.Log(float64(len(a))) + math.Log(float64(len(b))))
}

// common words carry no topic.
var common = set(`a about above after again against all am an and any are as at be because been before being below between both
	but by can could did do does doing down during each few for from further had has have having he her here hers him his how i if in into
	is it its itself just me more most my no nor not now of off on once only or other our out over own same she should so some such than
	that the their them then there these they this those through to too under until up very was we were what when where which while who
	whom why will with would you your`)

// content is the set of stemmed words of s that aren't common.
func content(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range (metrics.ROUGE{}).Tokens(s) {
		if !common[w] {
			m[metrics.PorterStem(strings.Clone(w))] = true
		}
	}
	return m
}
