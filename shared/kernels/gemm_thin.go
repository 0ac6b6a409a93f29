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

// tile gives the tiles of the thin product over those of t, which begin at row i and column j. Where they come second, their chains go on from c.
func (x *thin) tile(t *tile, i, j int) tile {
	low := tile{
		m: t.m, n: t.n, k: x.r, a: x.u[i*x.r:], rowStep: x.r, depthStep: 1, b: x.panels[j*x.r:], panelStep: tileCols * x.r,
		c: t.c, ldc: t.ldc, init: t.c, ldi: t.ldc,
	}
	if x.first {
		low.init, low.ldi = t.init, t.ldi
	}
	return low
}

// runBoth computes the tiles of first and goes on with those of second, over the same rows and columns of c.
func runBoth(first, second *tile) {
	rows, full, tail := cut(first.m)
	if first.n != widePanels*tileCols || !pairs(first, second, 0, full, rows) {
		first.run()
		second.init, second.ldi = second.c, second.ldc
		second.run()
		return
	}
	if tail > 0 {
		pairs(first, second, full*rows, 1, tail)
	}
}

// A flat is a product of few rows that reads both operands where they lie, for packing them would take as long as the product: c [M, N] += aᵀ b, with a [K, M] and
// b [K, N].
type flat struct {
	c, a, b []float32
	m, n, k int
}

var flats ranger[flat]

const flatRows = 64 // at most: 8 rows take half the time of a product that packs, 64 three quarters

// flatDepth is how many rows of b, of the given width, are gone through at a time: 32, or as many as don't push each other's lines out of the first-level cache, whose
// 8 ways hold what lies a multiple of 4096 bytes apart. At width 1536 a third of the time hangs on it.
func flatDepth(width int) int {
	apart := 1024 // the least number of elements by which two rows lie apart within those 4096 bytes
	for apart > 32 && width%apart > 0 {
		apart /= 2
	}
	return min(8*1024/apart, 32)
}

// flatColumns computes blocks lo...hi of 32 columns.
func flatColumns(f *flat, lo, hi int) {
	const width = widePanels * tileCols
	depth := flatDepth(f.n)
	rows, _, _ := cut(f.m)
	for k0 := 0; k0 < f.k; k0 += depth {
		for i := 0; i < f.m; i += rows {
			flatTiles(min(rows, f.m-i), hi-lo, min(depth, f.k-k0), f.a[k0*f.m+i:], f.m, f.b[k0*f.n+lo*width:], f.n, f.c[i*f.n+lo*width:], f.n)
		}
	}
}

// runFlat is MatMulTN for sizes that a flat is for; ok is false, with nothing done, for others.
func runFlat(c, a, b []float32, m, n, k int, acc bool) (ok bool) {
	const width = widePanels * tileCols
	if !avx512 || m == 0 || m > flatRows || n == 0 || n%width > 0 {
		return false
	}
	if !acc {
		clear(c[:m*n])
	}
	flats.run(flatColumns, flat{c: c, a: a, b: b, m: m, n: n, k: k}, n/width, m*width*k/8, 1)
	return true
}
