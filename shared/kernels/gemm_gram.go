package kernels

// Gram sets c [N, N] to a [N, K] times its own transpose, to the bits of MatMulNT(c, a, a, n, n, k, false). The two factors of a product commute, so what lies below
// the diagonal is copied from above it: little more than half of the work. For a symmetric a [N, N] it is the square of a. It panics when a slice is shorter than its
// shape.
func Gram(c, a []float32, n, k int) {
	checkMatMul(c, a, a, n, n, k)
	g := gemms.get()
	*g = gemm{m: n, n: n, k: k, a: a, lda: k, b: a, ldb: k, bt: true, c: c, ldc: n, upper: true}
	g.symmetric()
}

// GramT sets c [N, N] to the transpose of a [K, N] times a, to the bits of MatMulTN(c, a, a, n, n, k, false).
func GramT(c, a []float32, n, k int) {
	checkMatMul(c, a, a, n, n, k)
	g := gemms.get()
	*g = gemm{m: n, n: n, k: k, a: a, lda: n, at: true, b: a, ldb: n, c: c, ldc: n, upper: true}
	g.symmetric()
}

// symmetric computes an upper product, copies it to below the diagonal and gives g back.
func (g *gemm) symmetric() {
	g.run()
	mirror(g.c, g.n)
	gemms.put(g)
}

// mirrorSide is the side of the squares that mirror goes through, whose rows and columns both stay near.
const mirrorSide = 16

// mirror copies what lies above the diagonal of c [N, N] to below it.
func mirror(c []float32, n int) {
	for i0 := 0; i0 < n; i0 += mirrorSide {
		for j0 := 0; j0 <= i0; j0 += mirrorSide {
			for i := i0; i < min(i0+mirrorSide, n); i++ {
				row := c[i*n : (i+1)*n]
				for j := j0; j < min(j0+mirrorSide, i); j++ {
					row[j] = c[j*n+i]
				}
			}
		}
	}
}
