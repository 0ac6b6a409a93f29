//go:build amd64 && !purego

package trig

import "github.com/fmkit/fmkit/shared/kernels"

// avx2 says that the assembly runs: where that of package kernels does. Tests change it.
var avx2 = kernels.Path() != "purego"

func sinCosMany(sin, cos, x []float64) int {
	if avx2 {
		return sinCosAVX(sin, cos, x)
	}
	return sinCosPlain(sin, cos, x)
}

func cosMany(cos, x []float64) int {
	if avx2 {
		return cosAVX(cos, x)
	}
	return cosPlain(cos, x)
}
