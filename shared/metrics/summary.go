package metrics

import (
	"math"
	"slices"
)

// Mean is the arithmetic mean, NaN of nothing.
func Mean(values []float64) float64 {
	var s float64
	for _, v := range values {
		s += v
	}
	return s / float64(len(values))
}

// SD is the standard deviation of a sample (divided by n-1), NaN of fewer than two values.
func SD(values []float64) float64 {
	if len(values) < 2 {
		return math.NaN()
	}
	m := Mean(values)
	var s float64
	for _, v := range values {
		s += (v - m) * (v - m)
	}
	return math.Sqrt(s / float64(len(values)-1))
}

// IQM is the interquartile mean: the mean without the lowest and highest floor(n/4) values (Agarwal et al., Deep reinforcement
// learning at the edge of the statistical precipice, 2021), NaN of nothing.
func IQM(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	cut := len(s) / 4
	return Mean(s[cut : len(s)-cut])
}
