package kernels

// MatMul sets c [M, N] to a [M, K] times b [K, N]; with acc it adds to c.
//
//	s := 0 or c[i,j]
//	for p := range K { s = fma(a[i,p], b[p,j], s) }
//	c[i,j] = s
//
// It panics when a slice is shorter than its shape.
func MatMul(c, a, b []float32, m, n, k int, acc bool) {
	checkMatMul(c, a, b, m, n, k)
	g := gemms.get()
	*g = gemm{m: m, n: n, k: k, a: a, lda: k, b: b, ldb: n, c: c, ldc: n, acc: acc}
	g.run()
	gemms.put(g)
}

// MatMulNT is MatMul with b [N, K] transposed: it sets c [M, N] to a [M, K] times the transpose of b.
func MatMulNT(c, a, b []float32, m, n, k int, acc bool) {
	checkMatMul(c, a, b, m, n, k)
	g := gemms.get()
	*g = gemm{m: m, n: n, k: k, a: a, lda: k, b: b, ldb: k, bt: true, c: c, ldc: n, acc: acc}
	g.run()
	gemms.put(g)
}

// MatMulTN is MatMul with a [K, M] transposed: it sets c [M, N] to the transpose of a times b [K, N].
func MatMulTN(c, a, b []float32, m, n, k int, acc bool) {
	checkMatMul(c, a, b, m, n, k)
	if runFlat(c, a, b, m, n, k, acc) {
		return
	}
	g := gemms.get()
	*g = gemm{m: m, n: n, k: k, a: a, lda: m, at: true, b: b, ldb: n, c: c, ldc: n, acc: acc}
	g.run()
	gemms.put(g)
}

// MatMulNTBias is MatMulNT with every chain of column j started from bias [N]:
//
//	s := bias[j]
//	for p := range K { s = fma(a[i,p], b[j,p], s) }
//	c[i,j] = s
func MatMulNTBias(c, a, b, bias []float32, m, n, k int) {
	checkMatMul(c, a, b, m, n, k)
	if len(bias) < n {
		panic("kernels: MatMulNTBias: bias is shorter than its shape")
	}
	g := gemms.get()
	*g = gemm{m: m, n: n, k: k, a: a, lda: k, b: b, ldb: k, bt: true, c: c, ldc: n, bias: bias[:n:n]}
	g.run()
	gemms.put(g)
}

func checkMatMul(c, a, b []float32, m, n, k int) {
	if m < 0 || n < 0 || k < 0 {
		panic("kernels: MatMul: negative size")
	}
	if len(c) < m*n || len(a) < m*k || len(b) < k*n {
		panic("kernels: MatMul: a slice is shorter than its shape")
	}
}
