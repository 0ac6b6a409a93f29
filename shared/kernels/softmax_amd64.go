//go:build amd64 && !purego

package kernels

func rowMax(x []float32) float32 {
	if avx2 {
		return rowMaxAVX(x)
	}
	return rowMaxPlain(x)
}

func expSum(y, x []float32, m float32) float32 {
	if avx2 {
		return expSumAVX(y, x, m)
	}
	return expSumPlain(y, x, m)
}

func softmaxGradRow(dx, dy, y []float32, acc bool) {
	if avx2 {
		softmaxGradRowAVX(dx, dy, y, acc)
	} else {
		softmaxGradRowPlain(dx, dy, y, acc)
	}
}
