//go:build !amd64 || purego

package trig

func sinCosMany(sin, cos, x []float64) int { return sinCosPlain(sin, cos, x) }

func cosMany(cos, x []float64) int { return cosPlain(cos, x) }
