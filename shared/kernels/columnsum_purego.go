//go:build !amd64 || purego

package kernels

func columnSum(dst, x []float32, n, c int) { columnSumPlain(dst, x, n, c) }
