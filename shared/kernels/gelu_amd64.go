//go:build amd64 && !purego

package kernels

func gelu(y, x []float32) {
	if avx2 {
		geluAVX(y, x)
	} else {
		geluPlain(y, x)
	}
}

func geluGrad(dx, dy, x []float32) {
	if avx2 {
		geluGradAVX(dx, dy, x)
	} else {
		geluGradPlain(dx, dy, x)
	}
}

func geluTanh(y, x []float32) {
	if avx2 {
		geluTanhAVX(y, x)
	} else {
		geluTanhPlain(y, x)
	}
}

func geluTanhGrad(dx, dy, x []float32) {
	if avx2 {
		geluTanhGradAVX(dx, dy, x)
	} else {
		geluTanhGradPlain(dx, dy, x)
	}
}
