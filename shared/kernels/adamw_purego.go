//go:build !amd64 || purego

package kernels

func adamW(p, m, v, g []float32, f *adamWFactors) { adamWPlain(p, m, v, g, f) }
