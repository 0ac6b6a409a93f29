// Package baseline finds passages by their words, without a model: BM25, which a base has to beat.
package baseline

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/fmkit/fmkit/adapters/search"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
)

// The constants of Okapi's formula, as Lucene has them.
const (
	k1 = 1.2
	b  = 0.75
)

// A BM25 ranks passages by Okapi's formula (Robertson and Zaragoza, 2009) with Lucene's idf, which is never negative. Words are runs of letters and digits, lower
// case. It is safe for concurrent use.
//
//	score = Σ over the query's words of  idf(w) tf / (tf + k1 (1 - b + b length/mean length))
//	idf(w) = ln(1 + (N - df + 1/2) / (df + 1/2))
type BM25 struct {
	passages []data.Passage
	postings map[string][]posting
	norms    []float64 // [N] k1 (1 - b + b length/mean length)
}

type posting struct{ at, count int }

// New indexes passages.
func New(passages []data.Passage) *BM25 {
	m := &BM25{passages: passages, postings: map[string][]posting{}, norms: make([]float64, len(passages))}
	total := 0
	for i, p := range passages {
		all := words(p.Text)
		total += len(all)
		m.norms[i] = float64(len(all))
		for _, w := range all {
			list := m.postings[w]
			if n := len(list); n > 0 && list[n-1].at == i {
				list[n-1].count++
				continue
			}
			m.postings[w] = append(list, posting{i, 1})
		}
	}
	mean := float64(total) / float64(max(len(passages), 1))
	for i, n := range m.norms {
		m.norms[i] = k1 * (1 - b + float64(b*n)/max(mean, 1))
	}
	return m
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
}

// Search gives the k best passages that have one of the query's words, best first, equal ones by place.
func (m *BM25) Search(query string, k int) []search.Hit {
	scores := map[int]float64{}
	for _, w := range words(query) {
		list := m.postings[w]
		n := float64(len(list))
		idf := math.Log(1 + (float64(len(m.passages))-n+0.5)/(n+0.5))
		for _, p := range list {
			tf := float64(p.count)
			scores[p.at] += float64(idf * (tf / (tf + m.norms[p.at])))
		}
	}
	hits := make([]search.Hit, 0, len(scores))
	for at, s := range scores {
		hits = append(hits, search.Hit{CorpusID: at, Score: s, ID: m.passages[at].ID, Text: m.passages[at].Text})
	}
	slices.SortFunc(hits, func(a, b search.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.CorpusID, b.CorpusID))
	})
	return hits[:min(k, len(hits))]
}

// Evaluate scores what is found for queries, as search.Evaluate does.
func (m *BM25) Evaluate(queries []data.Query) (adapter.Scores, error) {
	if len(m.passages) == 0 {
		return adapter.Scores{}, fmt.Errorf("baseline: %w", data.ErrEmpty)
	}
	found := make([][]string, len(queries))
	for i, q := range queries {
		for _, h := range m.Search(q.Text, search.Depth) {
			found[i] = append(found[i], h.ID)
		}
	}
	return search.Score(m.passages, queries, found)
}
