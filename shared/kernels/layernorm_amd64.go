//go:build amd64 && !purego

package kernels

func layerNormRow(y, x, gamma, beta []float32, eps float32) (mean, rstd float32) {
	return layerNormRowPlain(y, x, gamma, beta, eps)
}

func addLayerNormRow(y, sum, x, r, gamma, beta []float32, eps float32) (mean, rstd float32) {
	return addLayerNormRowPlain(y, sum, x, r, gamma, beta, eps)
}

func layerNormGradRow(dx, dy, x, gamma []float32, mean, rstd float32, acc bool) {
	layerNormGradRowPlain(dx, dy, x, gamma, mean, rstd, acc)
}

func layerNormGradStrip(dgamma, dbeta, dy, x, mean, rstd []float32, d int) {
	layerNormGradStripPlain(dgamma, dbeta, dy, x, mean, rstd, d)
}
