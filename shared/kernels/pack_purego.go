//go:build !amd64 || purego

package kernels

func packStraight(dst []float32, panelStep int, b []float32, ldb, k, n int) {
	packStraightPlain(dst, panelStep, b, ldb, k, n)
}

func packTransposed(dst, b []float32, ldb, k, n int) { packTransposedPlain(dst, b, ldb, k, n) }

func packStrips(dst []float32, stripStep int, a []float32, lda, k, strips, width, lanes int) {
	packStripsPlain(dst, stripStep, a, lda, k, strips, width, lanes)
}
