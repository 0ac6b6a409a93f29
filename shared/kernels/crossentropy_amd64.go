//go:build amd64 && !purego

package kernels

func expSumOnly(x []float32, m float32) float32 {
	if avx2 {
		return expSumOnlyAVX(x, m)
	}
	return expSumOnlyPlain(x, m)
}
