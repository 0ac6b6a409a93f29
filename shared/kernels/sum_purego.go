//go:build !amd64 || purego

package kernels

func sumLanes(s *[16]float64, x []float32)       { sumLanesPlain(s, x) }
func sumSquareLanes(s *[16]float64, x []float32) { sumSquareLanesPlain(s, x) }
