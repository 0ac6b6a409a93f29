//go:build amd64 && !purego

package kernels

func sumLanes(s *[16]float64, x []float32) {
	if avx2 {
		sumLanesAVX(s, x)
	} else {
		sumLanesPlain(s, x)
	}
}

func sumSquareLanes(s *[16]float64, x []float32) {
	if avx2 {
		sumSquareLanesAVX(s, x)
	} else {
		sumSquareLanesPlain(s, x)
	}
}
