package kernels

// MatMulNTThin sets c [M, N], of row stride ldc, to a [M, K] times the transpose of b [N, K] plus a product of little depth, u [M, R] times the transpose of v [N, R]:
//
//	s := bias[j]
//	for p := range K { s = fma(a[i,p], b[j,p], s) }
//	for q := range R { s = fma(u[i,q], v[j,q], s) }
//	c[i,j] = s
//
// The result is that of MatMulNTBias (with bias nil MatMulNT) and then MatMulNT with acc, but c is gone through once: where R is 8 the second product costs little more than its
// arithmetic. It panics when a slice is shorter than its shape.
func MatMulNTThin(c []float32, ldc int, a, b, bias, u, v []float32, m, n, k, r int) {
	checkThin(c, ldc, a, b, u, v, m, n, k, r)
	if bias != nil && len(bias) < n {
		panic("kernels: MatMulNTThin: bias is shorter than its shape")
	}
	g := gemms.get()
	*g = gemm{m: m, n: n, k: k, a: a, lda: k, b: b, ldb: k, bt: true, c: c, ldc: ldc}
	if bias != nil {
		g.bias = bias[:n:n]
	}
	g.runThin(thin{u: u, r: r}, v, r, true)
	gemms.put(g)
}

// MatMulThin sets c [M, N] to a product of little depth, u [M, R] times v [R, N], plus a [M, K] times b [K, N]; with acc it adds to c:
//
//	s := 0 or c[i,j]
//	for q := range R { s = fma(u[i,q], v[q,j], s) }
//	for p := range K { s = fma(a[i,p], b[p,j], s) }
//	c[i,j] = s
//
// The result is that of MatMul of u and v and then MatMul of a and b with acc. It panics when a slice is shorter than its shape.
func MatMulThin(c, a, b, u, v []float32, m, n, k, r int, acc bool) {
	checkThin(c, n, a, b, u, v, m, n, k, r)
	g := gemms.get()
	*g = gemm{m: m, n: n, k: k, a: a, lda: k, b: b, ldb: n, c: c, ldc: n, acc: acc}
	g.runThin(thin{u: u, r: r, first: true}, v, n, false)
	gemms.put(g)
}

func checkThin(c []float32, ldc int, a, b, u, v []float32, m, n, k, r int) {
	switch {
	case m < 0 || n < 0 || k < 1 || r < 1 || r > depthBlock || ldc < n:
		panic("kernels: MatMulThin: a size is out of range")
	case m > 0 && len(c) < (m-1)*ldc+n, len(a) < m*k, len(b) < k*n, len(u) < m*r, len(v) < r*n:
		panic("kernels: MatMulThin: a slice is shorter than its shape")
	}
}

// thin is a product of little depth in the same chains as a larger one, before or after its own.
type thin struct {
	u      []float32 // [M, R]
	panels []float32 // of v, of depth R
	r      int       // 0: none
	first  bool
}

// runThin is run with x in the same chains, whose right operand v, of row stride ldv and transposed or not, is packed here.
func (g *gemm) runThin(x thin, v []float32, ldv int, transposed bool) {
	scratch, p := floats.get(roundUp(g.n, tileCols)*x.r), gemms.get()
	*p = gemm{n1: g.n, k1: x.r, b: v, ldb: ldv, bt: transposed, panels: scratch.data}
	p.pack(0, (g.n+tileCols-1)/tileCols)
	gemms.put(p)
	x.panels = scratch.data
	g.thin = x
	g.run()
	g.thin = thin{}
	floats.put(scratch)
}

// run continues the chains of the tiles in t, which begin at row i and column j.
func (x *thin) run(t *tile, i, j int) {
	low := tile{
		m: t.m, n: t.n, k: x.r, a: x.u[i*x.r:], rowStep: x.r, depthStep: 1, b: x.panels[j*x.r:], panelStep: tileCols * x.r,
		c: t.c, ldc: t.ldc, init: t.init, ldi: t.ldi,
	}
	low.run()
}
