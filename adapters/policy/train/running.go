package train

import "math"

// running keeps mean and variance of vectors as they come, by the parallel formula of Chan, Golub and LeVeque ("Updating formulae and a pairwise
// algorithm for computing sample variances", 1979), in float64.
type running struct {
	count          float64
	mean, variance []float64 // [n]
}

// newRunning returns mean 0 and variance 1 of nothing, for vectors of n numbers.
func newRunning(n int) *running {
	r := &running{mean: make([]float64, n), variance: make([]float64, n)}
	for i := range r.variance {
		r.variance[i] = 1
	}
	return r
}

// add counts one vector.
func add[F float32 | float64](r *running, x []F) {
	total := r.count + 1
	for i, v := range x {
		delta := float64(v) - r.mean[i]
		squares := float64(r.variance[i]*r.count) + float64(float64(delta*delta)*(r.count/total))
		r.mean[i] += float64(delta / total)
		r.variance[i] = squares / total
	}
	r.count = total
}

// leastDeviation keeps what never changes from being blown up.
const leastDeviation = 1e-3

// scale is 1 over the standard deviation of number i.
func (r *running) scale(i int) float64 {
	return 1 / max(math.Sqrt(r.variance[i]), leastDeviation)
}
