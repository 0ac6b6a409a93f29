//go:build amd64 && !purego

package kernels

func relu(y, x []float32)          { reluPlain(y, x) }
func reluGrad(dx, dy, x []float32) { reluGradPlain(dx, dy, x) }
func silu(y, x []float32)          { siluPlain(y, x) }
func siluGrad(dx, dy, x []float32) { siluGradPlain(dx, dy, x) }
func tanh(y, x []float32)          { tanhPlain(y, x) }
func tanhGrad(dx, dy, y []float32) { tanhGradPlain(dx, dy, y) }
