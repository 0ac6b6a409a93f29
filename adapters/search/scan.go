package search

import (
	"context"

	"github.com/fmkit/fmkit/shared/kernels"
)

// Rows of vectors and queries that are multiplied at once: the vectors pass once through the cache for all of the queries.
const (
	scanRows    = 1024
	scanQueries = 64
)

// scan gives the places of the k largest products of each query of q [Q, D] with the rows of vectors [N, D], the largest first. A product is one chain in
// ascending d, so its bits depend on nothing else.
func scan(ctx context.Context, vectors, q []float32, d, k int) ([][]ranked, error) {
	n, all := len(vectors)/d, len(q)/d
	tops := make([]top, all)
	for i := range tops {
		tops[i].k = min(k, n)
	}
	var scores []float32
	for first := 0; first < all; first += scanQueries {
		group := tops[first:min(first+scanQueries, all)]
		m := len(group)
		for at := 0; at < n; at += scanRows {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			rows := min(scanRows, n-at)
			c := kernels.Grow(&scores, rows*m) // [rows, queries]
			kernels.MatMulNT(c, vectors[at*d:(at+rows)*d], q[first*d:(first+m)*d], rows, m, d, false)
			for j := range group {
				group[j].take(c[j:], m, rows, at)
			}
		}
	}
	found := make([][]ranked, all)
	for i := range tops {
		found[i] = tops[i].sorted()
	}
	return found, nil
}
