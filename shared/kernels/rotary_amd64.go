//go:build amd64 && !purego

package kernels

func turn(a, b, cos, sin []float32) {
	if avx2 {
		turnAVX(a, b, cos, sin)
	} else {
		turnPlain(a, b, cos, sin)
	}
}
