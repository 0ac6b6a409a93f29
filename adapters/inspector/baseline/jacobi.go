package baseline

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// symmetricEigen gives the eigenvalues of the symmetric matrix a [N, N], falling, and the eigenvectors as rows of v [N, N], by cyclic Jacobi rotations
// (Golub and Van Loan, Matrix computations, 4th edition, 8.5). The largest element of a vector is positive. a is destroyed.
func symmetricEigen(a []float64, n int) (values, v []float64, err error) {
	v = make([]float64, n*n)
	for i := range n {
		v[i*n+i] = 1
	}
	var total float64
	for _, x := range a {
		total += float64(x * x)
	}
	if total-total != 0 {
		return nil, nil, fmt.Errorf("baseline: eigenvalues: the matrix is not finite")
	}
	for sweep := 0; ; sweep++ {
		var off float64
		for p := range n {
			for _, x := range a[p*n+p+1 : (p+1)*n] {
				off += float64(x * x)
			}
		}
		if off <= 1e-24*total {
			break
		}
		if sweep == 50 {
			return nil, nil, fmt.Errorf("baseline: eigenvalues: got %g beside the diagonal after %d sweeps, want at most %g", off, sweep, 1e-24*total)
		}
		for p := range n {
			for q := p + 1; q < n; q++ {
				if x := a[p*n+q]; float64(x*x)*float64(n)*float64(n) > 1e-26*total {
					rotate(a, v, n, p, q)
				}
			}
		}
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(a[j*n+j], a[i*n+i]) })
	values, sorted := make([]float64, n), make([]float64, 0, n*n)
	for k, i := range order {
		values[k] = a[i*n+i]
		row := v[i*n : (i+1)*n]
		largest := 0
		for j, x := range row {
			if math.Abs(x) > math.Abs(row[largest]) {
				largest = j
			}
		}
		sign := math.Copysign(1, row[largest])
		for _, x := range row {
			sorted = append(sorted, float64(sign*x))
		}
	}
	return values, sorted, nil
}

// rotate makes a[p, q] zero by a rotation of rows and columns p and q, and turns rows p and q of v alike.
func rotate(a, v []float64, n, p, q int) {
	tau := (a[q*n+q] - a[p*n+p]) / float64(2*a[p*n+q])
	t := 1 / (math.Abs(tau) + math.Sqrt(1+float64(tau*tau)))
	if tau < 0 {
		t = -t
	}
	c := 1 / math.Sqrt(1+float64(t*t))
	s := float64(t * c)
	turn := func(x, y []float64) {
		y = y[:len(x)]
		for i, xi := range x {
			yi := y[i]
			x[i] = float64(c*xi) - float64(s*yi)
			y[i] = float64(s*xi) + float64(c*yi)
		}
	}
	turn(a[p*n:(p+1)*n], a[q*n:(q+1)*n])
	turn(v[p*n:(p+1)*n], v[q*n:(q+1)*n])
	for i := range n {
		x, y := a[i*n+p], a[i*n+q]
		a[i*n+p] = float64(c*x) - float64(s*y)
		a[i*n+q] = float64(s*x) + float64(c*y)
	}
	a[p*n+q], a[q*n+p] = 0, 0
}
