//go:build amd64 && !purego

package kernels

import "unsafe"

//go:generate go -C _asm run . -kernel gemm

// tiles is tilesPlain in assembly. The assembly reads a with rows contiguous in depth (depthStep 1) or side by side
// (rowStep 1).
func tiles(count, rows, k int, a []float32, rowStep, depthStep, tileStep int, b, c []float32, ldc int, init []float32, ldi int) {
	if !avx2 {
		tilesPlain(count, rows, k, a, rowStep, depthStep, tileStep, b, c, ldc, init, ldi)
		return
	}
	pa, pb, pc, pi := unsafe.SliceData(a), unsafe.SliceData(b), unsafe.SliceData(c), unsafe.SliceData(init)
	if depthStep == 1 {
		switch rows {
		case 6:
			tilesRows6(count, k, pa, rowStep, tileStep, pb, pc, ldc, pi, ldi)
		case 5:
			tilesRows5(count, k, pa, rowStep, tileStep, pb, pc, ldc, pi, ldi)
		case 4:
			tilesRows4(count, k, pa, rowStep, tileStep, pb, pc, ldc, pi, ldi)
		case 3:
			tilesRows3(count, k, pa, rowStep, tileStep, pb, pc, ldc, pi, ldi)
		case 2:
			tilesRows2(count, k, pa, rowStep, tileStep, pb, pc, ldc, pi, ldi)
		case 1:
			tilesRows1(count, k, pa, rowStep, tileStep, pb, pc, ldc, pi, ldi)
		}
		return
	}
	switch rows {
	case 6:
		tilesStrip6(count, k, pa, depthStep, tileStep, pb, pc, ldc, pi, ldi)
	case 5:
		tilesStrip5(count, k, pa, depthStep, tileStep, pb, pc, ldc, pi, ldi)
	case 4:
		tilesStrip4(count, k, pa, depthStep, tileStep, pb, pc, ldc, pi, ldi)
	case 3:
		tilesStrip3(count, k, pa, depthStep, tileStep, pb, pc, ldc, pi, ldi)
	case 2:
		tilesStrip2(count, k, pa, depthStep, tileStep, pb, pc, ldc, pi, ldi)
	case 1:
		tilesStrip1(count, k, pa, depthStep, tileStep, pb, pc, ldc, pi, ldi)
	}
}
