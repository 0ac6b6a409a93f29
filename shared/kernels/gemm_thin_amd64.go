//go:build amd64 && !purego

package kernels

import "unsafe"

//go:generate go -C _asm run . -kernel thin512

// pairs computes count tiles of the given rows and 32 columns, from row i on, whose chains go over first and then second; ok is false, with nothing done, where the
// path has no such form. The rows of both left operands lie contiguous in depth.
func pairs(first, second *tile, i, count, rows int) (ok bool) {
	if !avx512 {
		return false
	}
	var init *float32
	if first.init != nil {
		init = unsafe.SliceData(first.init[i*first.ldi:])
	}
	widePair(rows, count,
		first.k, unsafe.SliceData(first.a[i*first.rowStep:]), first.rowStep, rows*first.rowStep, unsafe.SliceData(first.b), first.panelStep,
		second.k, unsafe.SliceData(second.a[i*second.rowStep:]), second.rowStep, rows*second.rowStep, unsafe.SliceData(second.b), second.panelStep,
		unsafe.SliceData(first.c[i*first.ldc:]), first.ldc, init, first.ldi)
	return true
}

// halfTiles is tilesPlain for one panel of which 8 columns are wanted, and nothing is written beside them; ok as in pairs.
func halfTiles(rows, count, k int, a []float32, rowStep, tileStep int, b, c []float32, ldc int, init []float32, ldi int) (ok bool) {
	if !avx512 {
		return false
	}
	wideEight(rows, count, k, unsafe.SliceData(a), rowStep, tileStep, unsafe.SliceData(b), unsafe.SliceData(c), ldc, unsafe.SliceData(init), ldi)
	return true
}

// flatTiles adds to count tiles of rows x 32 elements of c, beside each other:
//
//	for every row i, column j {
//		for p := range k { c[i*ldc+j] = fma(a[p*depthStep+i], b[p*ldb+j], c[i*ldc+j]) }
//	}
func flatTiles(rows, count, k int, a []float32, depthStep int, b []float32, ldb int, c []float32, ldc int) {
	wideFlat(rows, count, k, unsafe.SliceData(a), depthStep, unsafe.SliceData(b), ldb, unsafe.SliceData(c), ldc)
}
