//go:build amd64 && !purego

package kernels

func gelu(y, x []float32)              { geluPlain(y, x) }
func geluGrad(dx, dy, x []float32)     { geluGradPlain(dx, dy, x) }
func geluTanh(y, x []float32)          { geluTanhPlain(y, x) }
func geluTanhGrad(dx, dy, x []float32) { geluTanhGradPlain(dx, dy, x) }
