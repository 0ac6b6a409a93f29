//go:build amd64 && !purego

package kernels

//go:generate go -C _asm run . -kernel attention

// softmaxRow is softmaxRowPlain.
func softmaxRow(row []float32, from, to int, scale float32) {
	switch {
	case !avx2:
		softmaxRowPlain(row, from, to, scale)
	case from >= to:
		clear(row)
	default:
		softmaxRowAVX(&row[0], len(row)/16, from, to, scale)
	}
}

// softmaxRowBackward is softmaxRowBackwardPlain.
func softmaxRowBackward(dp, p []float32, scale float32) {
	switch {
	case !avx2:
		softmaxRowBackwardPlain(dp, p, scale)
	case len(p) > 0:
		softmaxRowBackwardAVX(&dp[0], &p[0], len(p)/16, scale)
	}
}
