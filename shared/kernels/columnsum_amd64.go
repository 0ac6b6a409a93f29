//go:build amd64 && !purego

package kernels

// columnSum adds up 32 columns and then 8 at a time.
func columnSum(dst, x []float32, n, c int) {
	if !avx2 {
		columnSumPlain(dst, x, n, c)
		return
	}
	for j := 0; j < len(dst); {
		if len(dst)-j >= columnStep {
			columnSumAVX(&dst[j], &x[j], n, c)
			j += columnStep
		} else {
			columnSumNarrowAVX(&dst[j], &x[j], n, c, min(len(dst)-j, 8))
			j += 8
		}
	}
}
