//go:build amd64 && !purego

package kernels

import "unsafe"

//go:generate go -C _asm run . -kernel gemm
//go:generate go -C _asm run . -kernel gemm512

// tiles is tilesPlain in assembly. The assembly reads a with rows contiguous in depth (depthStep 1) or side by side
// (rowStep 1).
func tiles(panels, rows, count, k int, a []float32, rowStep, depthStep, tileStep int, b []float32, panelStep int, c []float32, ldc int, init []float32, ldi int) {
	if !avx2 {
		tilesPlain(panels, rows, count, k, a, rowStep, depthStep, tileStep, b, panelStep, c, ldc, init, ldi)
		return
	}
	pa, pb, pc, pi := unsafe.SliceData(a), unsafe.SliceData(b), unsafe.SliceData(c), unsafe.SliceData(init)
	switch {
	case !avx512:
		tilesNarrow(rows, count, k, pa, rowStep, depthStep, tileStep, pb, pc, ldc, pi, ldi)
	case depthStep == 1 && panels == 2:
		wideRows2(rows, count, k, pa, rowStep, tileStep, pb, panelStep, pc, ldc, pi, ldi)
	case depthStep == 1:
		wideRows1(rows, count, k, pa, rowStep, tileStep, pb, panelStep, pc, ldc, pi, ldi)
	case panels == 2:
		wideStrip2(rows, count, k, pa, depthStep, tileStep, pb, panelStep, pc, ldc, pi, ldi)
	default:
		wideStrip1(rows, count, k, pa, depthStep, tileStep, pb, panelStep, pc, ldc, pi, ldi)
	}
}

// tilesNarrow picks the AVX2 form.
func tilesNarrow(rows, count, k int, a *float32, rowStep, depthStep, tileStep int, b, c *float32, ldc int, init *float32, ldi int) {
	if depthStep == 1 {
		switch rows {
		case 6:
			tilesRows6(count, k, a, rowStep, tileStep, b, c, ldc, init, ldi)
		case 5:
			tilesRows5(count, k, a, rowStep, tileStep, b, c, ldc, init, ldi)
		case 4:
			tilesRows4(count, k, a, rowStep, tileStep, b, c, ldc, init, ldi)
		case 3:
			tilesRows3(count, k, a, rowStep, tileStep, b, c, ldc, init, ldi)
		case 2:
			tilesRows2(count, k, a, rowStep, tileStep, b, c, ldc, init, ldi)
		case 1:
			tilesRows1(count, k, a, rowStep, tileStep, b, c, ldc, init, ldi)
		}
		return
	}
	switch rows {
	case 6:
		tilesStrip6(count, k, a, depthStep, tileStep, b, c, ldc, init, ldi)
	case 5:
		tilesStrip5(count, k, a, depthStep, tileStep, b, c, ldc, init, ldi)
	case 4:
		tilesStrip4(count, k, a, depthStep, tileStep, b, c, ldc, init, ldi)
	case 3:
		tilesStrip3(count, k, a, depthStep, tileStep, b, c, ldc, init, ldi)
	case 2:
		tilesStrip2(count, k, a, depthStep, tileStep, b, c, ldc, init, ldi)
	case 1:
		tilesStrip1(count, k, a, depthStep, tileStep, b, c, ldc, init, ldi)
	}
}
