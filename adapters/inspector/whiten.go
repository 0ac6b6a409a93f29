package inspector

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
)

// A whitening makes vectors of which good ones have mean 0 and no direction in which they vary more than in another, so that a distance between them is
// Mahalanobis': y = L^-1 (x - mean), where L L^T is the covariance of good vectors and a ridge (Cholesky).
type whitening struct {
	d      int
	mean   []float32 // [D]
	matrix []float32 // [D, D], L^-1
	packed *kernels.Packed
}

func newWhitening(mean, matrix []float32) *whitening {
	d := len(mean)
	return &whitening{d: d, mean: mean, matrix: matrix, packed: kernels.PackNT(matrix, d, d)}
}

// whitenRows is how many vectors are looked at together.
const whitenRows = 4096

// fitWhitening learns from vectors [N, D]. The ridge is in units of the mean variance of an element.
func fitWhitening(x []float32, n, d int, ridge float64) (*whitening, error) {
	mean, matrix := make([]float32, d), make([]float32, d*d)
	sums := make([]float64, d)
	column := make([]float32, d)
	for from := 0; from < n; from += whitenRows {
		b := min(whitenRows, n-from)
		clear(column)
		kernels.ColumnSum(column, x[from*d:(from+b)*d], b, d)
		for j, v := range column {
			sums[j] += float64(v)
		}
	}
	for j, s := range sums {
		mean[j] = float32(s / float64(n))
	}
	covariance, part := make([]float64, d*d), make([]float32, d*d)
	centred := kernels.Make[float32](min(n, whitenRows) * d)
	for from := 0; from < n; from += whitenRows {
		b := min(whitenRows, n-from)
		copy(centred, x[from*d:(from+b)*d])
		for i := range b {
			kernels.AddScaled(centred[i*d:(i+1)*d], mean, -1)
		}
		kernels.MatMulTN(part, centred, centred, d, d, b, false)
		for k, v := range part {
			covariance[k] += float64(v)
		}
	}
	var trace float64
	for j := range d {
		trace += covariance[j*d+j]
	}
	if trace == 0 {
		trace = float64(n) // all vectors are one: any distance will do
	}
	for j := range d {
		covariance[j*d+j] += float64(ridge * trace / float64(d))
	}
	if err := inverseCholesky(covariance, d); err != nil {
		return nil, err
	}
	root := math.Sqrt(float64(n))
	for k, v := range covariance {
		matrix[k] = float32(float64(v * root))
	}
	return newWhitening(mean, matrix), nil
}

// inverseCholesky replaces a symmetric positive definite matrix [D, D] by the inverse of its lower triangular factor.
func inverseCholesky(a []float64, d int) error {
	for i := range d { // a = L L^T, L in the lower triangle
		for j := range i + 1 {
			s := a[i*d+j]
			for k := range j {
				s -= float64(a[i*d+k] * a[j*d+k])
			}
			switch {
			case i > j:
				a[i*d+j] = s / a[j*d+j]
			case s > 0:
				a[i*d+i] = math.Sqrt(s)
			default:
				return fmt.Errorf("inspector: whitening: got a covariance without a root at %d of %d, want a larger ridge", i, d)
			}
		}
	}
	column := make([]float64, d)
	for j := range d { // L x = e_j, by columns
		for i := j; i < d; i++ {
			s := 0.0
			if i == j {
				s = 1
			}
			for k := j; k < i; k++ {
				s -= float64(a[i*d+k] * column[k])
			}
			column[i] = s / a[i*d+i]
		}
		for i := j + 1; i < d; i++ { // kept above the diagonal until all columns are done
			a[j*d+i] = column[i]
		}
	}
	for i := range d {
		a[i*d+i] = 1 / a[i*d+i]
		for j := range i {
			a[i*d+j], a[j*d+i] = a[j*d+i], 0
		}
	}
	return nil
}

// apply sets y [N, D] to the whitened x [N, D], which it changes.
func (w *whitening) apply(y, x []float32, n int) {
	for i := range n {
		kernels.AddScaled(x[i*w.d:(i+1)*w.d], w.mean, -1)
	}
	w.packed.MatMul(y, x, n, false)
}
