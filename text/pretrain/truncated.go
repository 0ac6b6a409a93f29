package pretrain

import (
	"cmp"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// oversample is by how many dimensions the randomised decomposition exceeds the wanted ones, and rounds how often it multiplies by the matrix
// (Halko, Martinsson and Tropp, 2011, algorithm 4.4).
const oversample, rounds = 16, 4

// truncated returns U Sᵖ [V, D] of the matrix m [V, C]: its D first left singular vectors, each scaled by a power of its singular value. It is the
// randomised subspace iteration of Halko, Martinsson and Tropp (2011); every product is canonical, so that its bits are the same everywhere.
func truncated(m []float32, v, c, d int, power float64, seed uint64) []float32 {
	k := min(d+oversample, c)
	q, z := kernels.Make[float32](v*k), kernels.Make[float32](c*k)
	r := random.New(random.Key(seed, "pretrain.cooccurrence"))
	for i := range z {
		z[i] = float32(r.Normal())
	}
	for range rounds {
		kernels.MatMul(q, m, z, v, k, c, false)
		orthonormal(q, v, k)
		kernels.MatMulTN(z, m, q, c, k, v, false)
		orthonormal(z, c, k)
	}
	// With z orthonormal, the left singular vectors of m z are those of m within the subspace.
	kernels.MatMul(q, m, z, v, k, c, false)
	values, vectors := gram(q, v, k)
	out := kernels.Make[float32](v * d)
	turn := make([]float32, k*d)
	for j := range d {
		s := math.Sqrt(max(values[j], 0))
		if s == 0 {
			continue
		}
		scale := nn.Pow(s, power) / s
		for i := range k {
			turn[i*d+j] = float32(vectors[i*k+j] * scale)
		}
	}
	kernels.MatMul(out, q, turn, v, d, k, false)
	return out
}

// vanished is the share of the largest eigenvalue of a float32 Gram matrix below which one is rounding alone.
const vanished = 1e-6

// orthonormal replaces the columns of x [N, K] by an orthonormal basis of their span; directions that have vanished become zeros.
func orthonormal(x []float32, n, k int) {
	values, vectors := gram(x, n, k)
	turn := make([]float32, k*k)
	for j := range k {
		if values[j] <= vanished*values[0] {
			continue
		}
		scale := 1 / math.Sqrt(values[j])
		for i := range k {
			turn[i*k+j] = float32(vectors[i*k+j] * scale)
		}
	}
	y := kernels.Make[float32](n * k)
	kernels.MatMul(y, x, turn, n, k, k, false)
	copy(x, y)
}

// gram returns the eigenvalues of xᵀx [K, K], largest first, and its eigenvectors in the columns of a [K, K].
func gram(x []float32, n, k int) (values, vectors []float64) {
	g := make([]float32, k*k)
	kernels.MatMulTN(g, x, x, k, k, n, false)
	a := make([]float64, k*k)
	for i, v := range g {
		a[i] = float64(v)
	}
	basis := jacobi(a, k)
	order := make([]int, k)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(a[j*k+j], a[i*k+i]) })
	values, vectors = make([]float64, k), make([]float64, k*k)
	for to, from := range order {
		values[to] = a[from*k+from]
		for i := range k {
			vectors[i*k+to] = basis[from*k+i]
		}
	}
	return values, vectors
}

// jacobi diagonalises the symmetric matrix a [K, K] in place by cyclic rotations (Golub and Van Loan, section 8.5) and returns the eigenvectors in
// rows. The explicit conversions keep a compiler from fusing, which would change the bits.
func jacobi(a []float64, k int) []float64 {
	basis := make([]float64, k*k)
	for i := range k {
		basis[i*k+i] = 1
	}
	for range 30 {
		var off, on float64
		for i := range k {
			for j := range k {
				if square := float64(a[i*k+j] * a[i*k+j]); i == j {
					on += square
				} else {
					off += square
				}
			}
		}
		if off <= 1e-18*on {
			break
		}
		for p := range k {
			for q := p + 1; q < k; q++ {
				rotate(a, basis, k, p, q)
			}
		}
	}
	return basis
}

// rotate makes a[p][q] zero. Rows p and q of the symmetric a are turned, and then copied to its columns.
func rotate(a, basis []float64, k, p, q int) {
	apq := a[p*k+q]
	app, aqq := a[p*k+p], a[q*k+q]
	if math.Abs(apq) <= 1e-16*math.Sqrt(math.Abs(float64(app*aqq))) || apq == 0 {
		return
	}
	theta := (aqq - app) / (2 * apq)
	t := math.Copysign(1/(math.Abs(theta)+math.Sqrt(float64(theta*theta)+1)), theta)
	c := 1 / math.Sqrt(float64(t*t)+1)
	s := float64(t * c)
	turnRows(a[p*k:(p+1)*k], a[q*k:(q+1)*k], c, s)
	turnRows(basis[p*k:(p+1)*k], basis[q*k:(q+1)*k], c, s)
	for i := range k {
		a[i*k+p], a[i*k+q] = a[p*k+i], a[q*k+i]
	}
	a[p*k+p], a[q*k+q] = app-float64(t*apq), aqq+float64(t*apq)
	a[p*k+q], a[q*k+p] = 0, 0
}

func turnRows(x, y []float64, c, s float64) {
	for i := range x {
		xi, yi := x[i], y[i]
		x[i] = float64(c*xi) - float64(s*yi)
		y[i] = float64(s*xi) + float64(c*yi)
	}
}
