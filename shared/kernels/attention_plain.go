package kernels

import "math"

// softmaxRowPlain turns elements from...to of row into their softmax after a multiplication by scale and zeroes the
// others; the length of row is a multiple of 16.
//
//	m = max over j of row[j]*scale
//	row[j] = Exp(row[j]*scale - m), sums by 16 lanes
//	row[j] *= 1/sum
func softmaxRowPlain(row []float32, from, to int, scale float32) {
	m := float32(math.Inf(-1))
	for j := range row {
		if j < from || j >= to {
			continue
		}
		row[j] *= scale
		if row[j] > m {
			m = row[j]
		}
	}
	var sums lanes
	for j := range row {
		if j < from || j >= to {
			row[j] = 0
			continue
		}
		row[j] = Exp(row[j] - m)
		sums[j%16] += row[j]
	}
	if from >= to {
		return
	}
	inverse := 1 / sums.sum()
	for j := range row {
		row[j] *= inverse
	}
}

// softmaxRowBackwardPlain turns dp into the gradient of the scores: the lengths are equal and a multiple of 16.
//
//	dot = sum by 16 lanes of fma(p[j], dp[j], lane)
//	dp[j] = p[j]*(dp[j]-dot)*scale
func softmaxRowBackwardPlain(dp, p []float32, scale float32) {
	var sums lanes
	for j, v := range p {
		sums[j%16] = fma32(v, dp[j], sums[j%16])
	}
	dot := sums.sum()
	for j, v := range p {
		dp[j] = float32(v*float32(dp[j]-dot)) * scale
	}
}
