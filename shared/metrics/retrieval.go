package metrics

import "math"

// RecallAt is the share of the relevant items that are among the first k of a ranking, whose relevant ones are set; relevant counts all of them,
// those that the ranking lacks too.
func RecallAt(ranked []bool, relevant, k int) float64 {
	found := 0
	for _, r := range ranked[:min(k, len(ranked))] {
		if r {
			found++
		}
	}
	return ratio(found, relevant)
}

// ReciprocalRank is 1 over the rank of the first relevant item among the first k, 0 where there is none.
func ReciprocalRank(ranked []bool, k int) float64 {
	for i, r := range ranked[:min(k, len(ranked))] {
		if r {
			return 1 / float64(i+1)
		}
	}
	return 0
}

// NDCG is the discounted gain of the first k items, 1/log2(1+rank) for each relevant one, over that of the best ranking (Järvelin and Kekäläinen, 2002).
func NDCG(ranked []bool, relevant, k int) float64 {
	var gain, best float64
	for i := range k {
		g := 1 / math.Log2(float64(i+2))
		if i < len(ranked) && ranked[i] {
			gain += g
		}
		if i < relevant {
			best += g
		}
	}
	if best == 0 {
		return 0
	}
	return gain / best
}
