//go:build !amd64 || purego

package kernels

func weighPixels(y, x []uint8, first, weights []int32, size int) {
	weighPixelsPlain(y, x, first, weights, size)
}

func weighRows(y, x []uint8, stride int, weights []int32) { weighRowsPlain(y, x, stride, weights) }
