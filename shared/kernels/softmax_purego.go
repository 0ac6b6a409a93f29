//go:build !amd64 || purego

package kernels

func rowMax(x []float32) float32                   { return rowMaxPlain(x) }
func expSum(y, x []float32, m float32) float32     { return expSumPlain(y, x, m) }
func softmaxGradRow(dx, dy, y []float32, acc bool) { softmaxGradRowPlain(dx, dy, y, acc) }
