package kernels

// Sum returns the sum of x in 16 float64 lanes: element i goes to lane i mod 16, and the lanes are added as those of a
// row reduction.
func Sum(x []float32) float64 {
	var s [16]float64
	sumLanes(&s, x)
	return treeSum(&s)
}

// SumSquares returns the sum of the squares of x, in the same lanes as Sum. A square of a float32 is exact in float64.
func SumSquares(x []float32) float64 {
	var s [16]float64
	sumSquareLanes(&s, x)
	return treeSum(&s)
}

func treeSum(s *[16]float64) float64 {
	for half := 8; half > 0; half /= 2 {
		for l := range half {
			s[l] += s[l+half]
		}
	}
	return s[0]
}

func sumLanesPlain(s *[16]float64, x []float32) {
	for i, v := range x {
		s[i%16] += float64(v)
	}
}

func sumSquareLanesPlain(s *[16]float64, x []float32) {
	for i, v := range x {
		s[i%16] += float64(float64(v) * float64(v))
	}
}
