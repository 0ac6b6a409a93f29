//go:build amd64 && !purego

package kernels

// packStraight is packStraightPlain; the assembly copies the full panels.
func packStraight(dst []float32, panelStep int, b []float32, ldb, k, n int) {
	full := n / tileCols
	if !avx2 || full == 0 || k == 0 {
		packStraightPlain(dst, panelStep, b, ldb, k, n)
		return
	}
	packStraightAVX(&dst[0], panelStep, &b[0], ldb, k, full)
	if done := full * tileCols; done < n {
		packStraightPlain(dst[full*panelStep:], panelStep, b[done:], ldb, k, n-done)
	}
}

// packTransposed is packTransposedPlain; the assembly transposes blocks of 4 depths by 8 rows.
func packTransposed(dst, b []float32, ldb, k, n int) {
	blocks := k / 4
	if !avx2 || blocks == 0 || n == 0 {
		packTransposedPlain(dst, b, ldb, k, n)
		return
	}
	packTransposedAVX(&dst[0], &b[0], ldb, min(n, 8)-1, blocks)
	if n > 8 {
		packTransposedAVX(&dst[8], &b[8*ldb], ldb, n-9, blocks)
	}
	if done := blocks * 4; done < k {
		packTransposedPlain(dst[done*tileCols:], b[done:], ldb, k-done, n)
	}
}

// packStrips is packStripsPlain; the assembly may write up to 16 elements past the end of a strip.
func packStrips(dst []float32, stripStep int, a []float32, lda, k, strips, width, lanes int) {
	switch {
	case k == 0 || strips == 0 || lanes == 0:
	case avx512:
		packStripsWide(&dst[0], stripStep, &a[0], lda, k, strips, width, lanes)
	case avx2 && width == narrowRows && lanes == narrowRows:
		packStripsAVX(&dst[0], stripStep, &a[0], lda, k, strips)
	default:
		packStripsPlain(dst, stripStep, a, lda, k, strips, width, lanes)
	}
}
