package env

import "math"

// running keeps mean and variance of numbers as they come, by the parallel formula of Chan, Golub and LeVeque ("Updating formulae
// and a pairwise algorithm for computing sample variances", 1979), from mean 0 and variance 1 that count as a ten-thousandth of a number. F
// is the type that Gymnasium calculates in: float32 for observations, float64 for rewards.
type running[F float32 | float64] struct {
	mean, variance []F
	count          float64
}

// firstCount is what the mean and variance of the beginning count as.
const firstCount = 1e-4

func newRunning[F float32 | float64](n int) running[F] {
	r := running[F]{mean: make([]F, n), variance: make([]F, n), count: firstCount}
	for i := range r.variance {
		r.variance[i] = 1
	}
	return r
}

// update adds one vector.
func (r *running[F]) update(x []F) {
	total := r.count + 1
	for i, v := range x {
		delta := v - r.mean[i]
		squares := F(r.variance[i]*F(r.count)) + F(F(delta*delta)*F(r.count))/F(total)
		r.mean[i] += delta / F(total)
		r.variance[i] = squares / F(total)
	}
	r.count = total
}

// deviation is the square root of an element's variance and a small number.
func (r *running[F]) deviation(i int, epsilon float64) F {
	return F(math.Sqrt(float64(r.variance[i] + F(epsilon))))
}
