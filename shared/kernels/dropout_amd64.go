//go:build amd64 && !purego

package kernels

func dropoutRow(y, x []float32, key uint64, threshold int32, scale float32) {
	if avx2 {
		dropoutRowAVX(y, x, key, threshold, scale)
	} else {
		dropoutRowPlain(y, x, key, threshold, scale)
	}
}
