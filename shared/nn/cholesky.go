package nn

import (
	"errors"
	"math"
)

// errNotPositive means that a matrix that should be positive definite isn't, as far as float64s tell.
var errNotPositive = errors.New("the matrix is not positive definite")

// cholesky sets the lower triangle of l [N, N] to that of the factor of the symmetric a [N, N], a = l lᵀ, row by row. l may be a. Products are
// rounded before they are added, so that the bits are the same on every processor.
func cholesky(l, a []float64, n int) error {
	for i := range n {
		row := l[i*n : (i+1)*n]
		for j := range i + 1 {
			other := l[j*n : j*n+j]
			rest := a[i*n+j] - dot(row[:j], other)
			if j < i {
				row[j] = rest / l[j*n+j]
				continue
			}
			if !(rest > 0) {
				return errNotPositive
			}
			row[j] = math.Sqrt(rest)
		}
	}
	return nil
}

// invertLower sets the lower triangle of m [N, N] to the inverse of the lower triangle l [N, N], and the rest of it to zeros.
func invertLower(m, l []float64, n int) {
	clear(m[:n*n])
	for i := range n {
		row := m[i*n : i*n+i+1]
		for k, v := range l[i*n : i*n+i] {
			for j, w := range m[k*n : k*n+k+1] {
				row[j] -= float64(v * w)
			}
		}
		for j := range row[:i] {
			row[j] /= l[i*n+i]
		}
		row[i] = 1 / l[i*n+i]
	}
}

// solveCholesky replaces b [N] by the solution x of l lᵀ x = b.
func solveCholesky(b, l []float64, n int) {
	for i := range n {
		b[i] = (b[i] - dot(l[i*n:i*n+i], b[:i])) / l[i*n+i]
	}
	for i := n - 1; i >= 0; i-- {
		b[i] /= l[i*n+i]
		for j, v := range l[i*n : i*n+i] {
			b[j] -= float64(v * b[i])
		}
	}
}

// dot is the product of two rows in 4 lanes: element i goes to lane i mod 4.
func dot(a, b []float64) float64 {
	var s [4]float64
	n := len(a) &^ 3
	b = b[:len(a)]
	for i := 0; i < n; i += 4 {
		s[0] += float64(a[i] * b[i])
		s[1] += float64(a[i+1] * b[i+1])
		s[2] += float64(a[i+2] * b[i+2])
		s[3] += float64(a[i+3] * b[i+3])
	}
	for i := n; i < len(a); i++ {
		s[i-n] += float64(a[i] * b[i])
	}
	return s[0] + s[1] + (s[2] + s[3])
}
