//go:build !amd64 || purego

package kernels

func tiles(count, rows, k int, a []float32, rowStep, depthStep, tileStep int, b, c []float32, ldc int, init []float32, ldi int) {
	tilesPlain(count, rows, k, a, rowStep, depthStep, tileStep, b, c, ldc, init, ldi)
}
