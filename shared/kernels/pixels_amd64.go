//go:build amd64 && !purego

package kernels

//go:generate go -C _asm run . -kernel pixels

func weighPixels(y, x []uint8, first, weights []int32, size int) {
	if avx2 {
		weighPixelsAVX(y, x, first, weights, size)
	} else {
		weighPixelsPlain(y, x, first, weights, size)
	}
}

func weighRows(y, x []uint8, stride int, weights []int32) {
	if avx2 {
		weighRowsAVX(y, x, stride, weights)
	} else {
		weighRowsPlain(y, x, stride, weights)
	}
}
