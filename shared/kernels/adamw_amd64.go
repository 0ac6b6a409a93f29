//go:build amd64 && !purego

package kernels

func adamW(p, m, v, g []float32, f *adamWFactors) {
	if avx2 {
		adamWAVX(p, m, v, g, &[8]float32{f.decay, f.grad, f.rest1, f.beta2, f.rest2, f.root, f.eps, f.step})
	} else {
		adamWPlain(p, m, v, g, f)
	}
}
