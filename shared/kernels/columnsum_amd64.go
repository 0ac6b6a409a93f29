//go:build amd64 && !purego

package kernels

// columnSum takes 8 rows at a time, and the last ones one by one.
func columnSum(dst, x []float32, n, c int) {
	if !avx2 {
		columnSumPlain(dst, x, n, c)
		return
	}
	i := 0
	for ; i+8 <= n; i += 8 {
		columnSumAVX(dst, &x[i*c], c)
	}
	for ; i < n; i++ {
		addAVX(dst, x[i*c:])
	}
}
