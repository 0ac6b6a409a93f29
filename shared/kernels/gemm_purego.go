//go:build !amd64 || purego

package kernels

func tiles(panels, rows, count, k int, a []float32, rowStep, depthStep, tileStep int, b []float32, panelStep int, c []float32, ldc int, init []float32, ldi int) {
	tilesPlain(panels, rows, count, k, a, rowStep, depthStep, tileStep, b, panelStep, c, ldc, init, ldi)
}
