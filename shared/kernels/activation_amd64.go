//go:build amd64 && !purego

package kernels

func relu(y, x []float32) {
	if avx2 {
		reluAVX(y, x)
	} else {
		reluPlain(y, x)
	}
}

func reluGrad(dx, dy, x []float32) {
	if avx2 {
		reluGradAVX(dx, dy, x)
	} else {
		reluGradPlain(dx, dy, x)
	}
}

func silu(y, x []float32) {
	if avx2 {
		siluAVX(y, x)
	} else {
		siluPlain(y, x)
	}
}

func siluGrad(dx, dy, x []float32) {
	if avx2 {
		siluGradAVX(dx, dy, x)
	} else {
		siluGradPlain(dx, dy, x)
	}
}

func tanh(y, x []float32) {
	if avx2 {
		tanhAVX(y, x)
	} else {
		tanhPlain(y, x)
	}
}

func tanhGrad(dx, dy, x []float32) {
	if avx2 {
		tanhGradAVX(dx, dy, x)
	} else {
		tanhGradPlain(dx, dy, x)
	}
}
