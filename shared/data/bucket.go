package data

import (
	"cmp"
	"slices"

	"github.com/fmkit/fmkit/shared/random"
)

// BucketStep is the grid that lengths are rounded up to before they are put into one batch.
const BucketStep = 8

// Buckets groups the samples 0..len(lengths)-1 into batches of like length: every index once, all batches full but one. It is a pure function of
// its arguments; another epoch gives other company and another order of batches.
//
// Samples are sorted by length rounded up to BucketStep, ties shuffled, cut into batches, and the batches shuffled. The batches'
// length ranges don't overlap, so padding each batch to its longest costs in a whole epoch at most
// BucketStep-1 a sample plus batch*(longest-shortest), lengths rounded up.
func Buckets(lengths []int32, batch int, seed uint64, epoch int) [][]int32 {
	n := len(lengths)
	if n == 0 {
		return nil
	}
	batch = max(batch, 1)
	key := random.Mix(random.Key(seed, "data.buckets"), uint64(epoch))
	order := random.Perm(key, n)
	round := func(i int32) int32 { return (lengths[i] + BucketStep - 1) / BucketStep }
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(round(a), round(b)) })
	var batches [][]int32
	first := n % batch // the short batch, if any, has the shortest samples
	if first > 0 {
		batches = append(batches, order[:first:first])
	}
	for at := first; at < n; at += batch {
		batches = append(batches, order[at:at+batch:at+batch])
	}
	shuffled := make([][]int32, len(batches))
	for i, j := range random.Perm(random.Mix(key, 1), len(batches)) {
		shuffled[i] = batches[j]
	}
	return shuffled
}
