//go:build !amd64 || purego

package kernels

func turn(a, b, cos, sin []float32) { turnPlain(a, b, cos, sin) }
