//go:build amd64 && !purego

package kernels

func layerNormRow(y, x, gamma, beta []float32, eps float32) (mean, rstd float32) {
	if avx2 {
		return layerNormRowAVX(y, x, gamma, beta, eps)
	}
	return layerNormRowPlain(y, x, gamma, beta, eps)
}

func addLayerNormRow(y, sum, x, r, gamma, beta []float32, eps float32) (mean, rstd float32) {
	if avx2 {
		return addLayerNormRowAVX(y, sum, x, r, gamma, beta, eps)
	}
	return addLayerNormRowPlain(y, sum, x, r, gamma, beta, eps)
}

func layerNormGradRow(dx, dy, x, gamma []float32, mean, rstd float32, acc bool) {
	if avx2 {
		layerNormGradRowAVX(dx, dy, x, gamma, mean, rstd, acc)
	} else {
		layerNormGradRowPlain(dx, dy, x, gamma, mean, rstd, acc)
	}
}

// layerNormGradStrip takes 4 rows at a time, and the last ones in plain Go.
func layerNormGradStrip(dgamma, dbeta, dy, x, mean, rstd []float32, d int) {
	if !avx2 {
		layerNormGradStripPlain(dgamma, dbeta, dy, x, mean, rstd, d)
		return
	}
	for len(mean) >= 4 {
		layerNormGradStripAVX(dgamma, dbeta, &dy[0], &x[0], (*[4]float32)(mean), (*[4]float32)(rstd), d)
		mean, rstd = mean[4:], rstd[4:]
		if len(mean) > 0 {
			dy, x = dy[4*d:], x[4*d:]
		}
	}
	layerNormGradStripPlain(dgamma, dbeta, dy, x, mean, rstd, d)
}
