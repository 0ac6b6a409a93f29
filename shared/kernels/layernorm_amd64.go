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

// layerNormGradStrip adds to len(dgamma) columns, 32 and then 8 at a time.
func layerNormGradStrip(dgamma, dbeta, dy, x, mean, rstd []float32, d int) {
	if !avx2 {
		layerNormGradStripPlain(dgamma, dbeta, dy, x, mean, rstd, d)
		return
	}
	n, width := len(mean), len(dgamma)
	if n == 0 {
		return
	}
	var unwanted [columnStep]float32
	for j := 0; j < width; {
		b := &unwanted[0]
		if dbeta != nil {
			b = &dbeta[j]
		}
		if width-j >= columnStep {
			layerNormGradStripAVX(&dgamma[j], b, &dy[j], &x[j], &mean[0], &rstd[0], n, d)
			j += columnStep
		} else {
			layerNormGradNarrowAVX(&dgamma[j], b, &dy[j], &x[j], &mean[0], &rstd[0], n, d, min(width-j, 8))
			j += 8
		}
	}
}
