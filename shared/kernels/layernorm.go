package kernels

import "math"

// LayerNorm sets y [N, D] to the rows of x [N, D] brought to mean 0 and variance 1, times gamma [D], plus beta [D]
// (nil: none). The variance is that of the whole row (not corrected) of the centred values, plus eps. It keeps mean [N]
// and rstd [N], the reciprocal standard deviation, for the backward; both may be nil. y may be x.
//
// Ba, Kiros and Hinton, "Layer Normalization", 2016.
func LayerNorm(y, mean, rstd, x, gamma, beta []float32, n, d int, eps float32) {
	if len(y) < n*d || len(x) < n*d || len(gamma) < d || beta != nil && len(beta) < d ||
		mean != nil && len(mean) < n || rstd != nil && len(rstd) < n {
		panic("kernels: LayerNorm: slice too short")
	}
	if d > 0 {
		layerNorms.run(layerNormRows, layerNormArgs{y: y, mean: mean, rstd: rstd, x: x, gamma: gamma, beta: beta, d: d, eps: eps}, n, 2*d, 1)
	}
}

// AddLayerNorm sets sum [N, D] = x [N, D] + r [N, D] and y [N, D] to the LayerNorm of sum. sum may be x or r.
func AddLayerNorm(y, sum, mean, rstd, x, r, gamma, beta []float32, n, d int, eps float32) {
	if len(y) < n*d || len(sum) < n*d || len(x) < n*d || len(r) < n*d || len(gamma) < d || beta != nil && len(beta) < d ||
		mean != nil && len(mean) < n || rstd != nil && len(rstd) < n {
		panic("kernels: AddLayerNorm: slice too short")
	}
	if d > 0 {
		layerNorms.run(addLayerNormRows, layerNormArgs{y, sum, mean, rstd, x, r, gamma, beta, d, eps}, n, 2*d, 1)
	}
}

type layerNormArgs struct {
	y, sum, mean, rstd, x, r, gamma, beta []float32

	d   int
	eps float32
}

var layerNorms ranger[layerNormArgs]

func layerNormRows(a *layerNormArgs, lo, hi int) {
	gamma, beta := a.gamma[:a.d], a.beta
	for i := lo; i < hi; i++ {
		m, s := layerNormRow(a.y[i*a.d:(i+1)*a.d], a.x[i*a.d:(i+1)*a.d], gamma, beta, a.eps)
		a.keep(i, m, s)
	}
}

func addLayerNormRows(a *layerNormArgs, lo, hi int) {
	gamma, beta := a.gamma[:a.d], a.beta
	for i := lo; i < hi; i++ {
		from, to := i*a.d, (i+1)*a.d
		m, s := addLayerNormRow(a.y[from:to], a.sum[from:to], a.x[from:to], a.r[from:to], gamma, beta, a.eps)
		a.keep(i, m, s)
	}
}

func (a *layerNormArgs) keep(i int, mean, rstd float32) {
	if a.mean != nil {
		a.mean[i] = mean
	}
	if a.rstd != nil {
		a.rstd[i] = rstd
	}
}

// layerNormRowPlain is layerNormRow in plain Go.
func layerNormRowPlain(y, x, gamma, beta []float32, eps float32) (mean, rstd float32) {
	d := float32(len(x))
	var s lanes
	for j, v := range x {
		s[j%16] += v
	}
	mean = s.sum() / d
	var q lanes
	for j, v := range x {
		c := v - mean
		q[j%16] = fma32(c, c, q[j%16])
	}
	rstd = 1 / sqrt(q.sum()/d+eps)
	for j, v := range x {
		h := float32(v-mean) * rstd
		if beta != nil {
			y[j] = fma32(h, gamma[j], beta[j])
		} else {
			y[j] = h * gamma[j]
		}
	}
	return mean, rstd
}

// addLayerNormRowPlain is addLayerNormRow in plain Go.
func addLayerNormRowPlain(y, sum, x, r, gamma, beta []float32, eps float32) (mean, rstd float32) {
	for j, v := range x {
		sum[j] = v + r[j]
	}
	return layerNormRowPlain(y, sum, gamma, beta, eps)
}

// LayerNormBackward sets dx [N, D], or adds to it when acc is true, the gradient of a LayerNorm of x [N, D] with gamma
// [D] for dy [N, D], given the mean [N] and rstd [N] that the forward kept. It adds the gradients of the parameters to
// dgamma [D] and dbeta [D]; nil: not wanted. dx may be dy when no parameter gradient is wanted, or nil.
func LayerNormBackward(dx, dgamma, dbeta, dy, x, gamma, mean, rstd []float32, n, d int, acc bool) {
	if dx != nil && len(dx) < n*d || len(dy) < n*d || len(x) < n*d || len(gamma) < d || len(mean) < n || len(rstd) < n ||
		dgamma != nil && len(dgamma) < d || dbeta != nil && len(dbeta) < d {
		panic("kernels: LayerNormBackward: slice too short")
	}
	a := layerNormGradArgs{dx, dgamma, dbeta, dy, x, gamma, mean, rstd, n, d, acc}
	switch {
	case dgamma == nil && dbeta != nil:
		ColumnSum(dbeta, dy, n, d)
	case dgamma != nil && n > 0:
		layerNormGrads.run(layerNormGradColumns, a, d, 2*n, stripWidth(d))
	}
	if dx != nil && d > 0 {
		layerNormGrads.run(layerNormGradRows, a, n, 2*d, 1)
	}
}

type layerNormGradArgs struct {
	dx, dgamma, dbeta, dy, x, gamma, mean, rstd []float32

	n, d int
	acc  bool
}

var layerNormGrads ranger[layerNormGradArgs]

func layerNormGradRows(a *layerNormGradArgs, lo, hi int) {
	gamma := a.gamma[:a.d]
	for i := lo; i < hi; i++ {
		from, to := i*a.d, (i+1)*a.d
		layerNormGradRow(a.dx[from:to], a.dy[from:to], a.x[from:to], gamma, a.mean[i], a.rstd[i], a.acc)
	}
}

// layerNormGradRowPlain is layerNormGradRow in plain Go.
func layerNormGradRowPlain(dx, dy, x, gamma []float32, mean, rstd float32, acc bool) {
	d := float32(len(x))
	var s, q lanes // sums of dy gamma and of dy gamma (x-mean)/std
	for j, v := range x {
		h := float32(v-mean) * rstd
		g := float32(dy[j] * gamma[j])
		s[j%16] += g
		q[j%16] = fma32(g, h, q[j%16])
	}
	m, c := s.sum()/d, q.sum()/d
	for j, v := range x {
		h := float32(v-mean) * rstd
		g := float32(dy[j] * gamma[j])
		g = float32(fma32(-h, c, g-m) * rstd)
		if acc {
			g = dx[j] + g
		}
		dx[j] = g
	}
}

// layerNormGradColumns adds to columns lo to hi of the parameter gradients, in strips of columnBlock.
func layerNormGradColumns(a *layerNormGradArgs, lo, hi int) {
	var unwanted [columnBlock]float32
	for ; lo < hi; lo += columnBlock {
		to := min(lo+columnBlock, hi)
		dbeta := unwanted[:to-lo]
		if a.dbeta != nil {
			dbeta = a.dbeta[lo:to]
		}
		layerNormGradStrip(a.dgamma[lo:to], dbeta, a.dy[lo:], a.x[lo:], a.mean[:a.n], a.rstd[:a.n], a.d)
	}
}

// layerNormGradStripPlain is layerNormGradStrip in plain Go.
func layerNormGradStripPlain(dgamma, dbeta, dy, x, mean, rstd []float32, d int) {
	for i, m := range mean {
		s := rstd[i]
		for j := range dgamma {
			h := float32(x[i*d+j]-m) * s
			dgamma[j] = fma32(dy[i*d+j], h, dgamma[j])
			dbeta[j] += dy[i*d+j]
		}
	}
}

// sqrt is the exact square root.
func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
