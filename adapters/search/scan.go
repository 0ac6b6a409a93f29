package search

import (
	"context"

	"github.com/fmkit/fmkit/shared/kernels"
)

// Vectors are packed, and multiplied with queries, in blocks: a block passes once through the cache for all of the queries.
const (
	scanRows    = 1024
	scanQueries = 64
)

// pack appends the blocks of vectors [N, D] to those there are, all of scanRows rows but the last. In a block the vectors lie side by side, so that one query is
// multiplied as fast as memory is read.
func pack(blocks []*kernels.Packed, vectors []float32, d int) []*kernels.Packed {
	for n := len(vectors) / d; n > 0; n = len(vectors) / d {
		n = min(n, scanRows)
		blocks = append(blocks, kernels.PackNT(vectors[:n*d], n, d))
		vectors = vectors[n*d:]
	}
	return blocks
}

// scan gives the places of the k largest products of each query of q [Q, D] with the vectors of all blocks, the largest first. A product is one chain in
// ascending d, so its bits depend on nothing else.
func scan(ctx context.Context, blocks []*kernels.Packed, q []float32, d, k int) ([][]ranked, error) {
	tops := make([]top, len(q)/d)
	for i := range tops {
		tops[i].k = k
	}
	var scores []float32
	for first := 0; first < len(tops); first += scanQueries {
		group := tops[first:min(first+scanQueries, len(tops))]
		m := len(group)
		for i, b := range blocks {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			n := b.N()
			c := kernels.Grow(&scores, m*n) // [queries, N]
			b.MatMul(c, q[first*d:(first+m)*d], m, false)
			for j := range group {
				group[j].take(c[j*n:(j+1)*n], i*scanRows)
			}
		}
	}
	found := make([][]ranked, len(tops))
	for i := range tops {
		found[i] = tops[i].sorted()
	}
	return found, nil
}
