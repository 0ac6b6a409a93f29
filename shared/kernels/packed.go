package kernels

// Packed is the right operand of a product in the form that the micro-kernel reads: panels of 16 columns. It is
// immutable and may be used by any number of goroutines. Weights that serve many requests are packed once.
type Packed struct {
	n, k   int
	panels []float32
}

// PackNT packs b [N, K], the weights [out, in] of a linear layer, for products with its transpose.
func PackNT(b []float32, n, k int) *Packed {
	if n < 0 || k < 0 || len(b) < n*k {
		panic("kernels: PackNT: b is shorter than its shape")
	}
	return pack(&gemm{n: n, k: k, b: b, ldb: k, bt: true})
}

// PackNN packs b [K, N] for products with it.
func PackNN(b []float32, k, n int) *Packed {
	if n < 0 || k < 0 || len(b) < n*k {
		panic("kernels: PackNN: b is shorter than its shape")
	}
	return pack(&gemm{n: n, k: k, b: b, ldb: n})
}

func pack(g *gemm) *Packed {
	p := &Packed{n: g.n, k: g.k, panels: Make[float32](roundUp(g.n, tileCols) * g.k)}
	g.n1, g.k1, g.panels = g.n, g.k, p.panels
	g.pack(0, len(p.panels)/max(tileCols*g.k, 1))
	return p
}

// N returns the number of columns of the products.
func (p *Packed) N() int { return p.n }

// K returns the depth of the products: the number of columns of the left operand.
func (p *Packed) K() int { return p.k }

// MatMul sets c [M, N] to a [M, K] times p; with acc it adds to c. The result is that of MatMul and MatMulNT.
func (p *Packed) MatMul(c, a []float32, m int, acc bool) {
	p.check(c, a, m)
	g := gemms.get()
	*g = gemm{m: m, n: p.n, k: p.k, a: a, lda: p.k, packed: p.panels, c: c, ldc: p.n, acc: acc}
	g.run()
	gemms.put(g)
}

// MatMulBias is MatMul with every chain of column j started from bias [N]. The result is that of MatMulNTBias.
func (p *Packed) MatMulBias(c, a, bias []float32, m int) {
	p.check(c, a, m)
	if len(bias) < p.n {
		panic("kernels: Packed.MatMulBias: bias is shorter than its shape")
	}
	g := gemms.get()
	*g = gemm{m: m, n: p.n, k: p.k, a: a, lda: p.k, packed: p.panels, c: c, ldc: p.n, bias: bias[:p.n:p.n]}
	g.run()
	gemms.put(g)
}

// MatMulAdd adds a [M, K] of row stride lda times p to c [M, N] of row stride ldc. The result is that of MatMul with acc, element by element.
func (p *Packed) MatMulAdd(c []float32, ldc int, a []float32, lda, m int) {
	if m < 0 || ldc < p.n || lda < p.k || m > 0 && (len(c) < (m-1)*ldc+p.n || len(a) < (m-1)*lda+p.k) {
		panic("kernels: Packed.MatMulAdd: a slice is shorter than its shape")
	}
	g := gemms.get()
	*g = gemm{m: m, n: p.n, k: p.k, a: a, lda: lda, packed: p.panels, c: c, ldc: ldc, acc: true}
	g.run()
	gemms.put(g)
}

func (p *Packed) check(c, a []float32, m int) {
	if m < 0 || len(c) < m*p.n || len(a) < m*p.k {
		panic("kernels: Packed: a slice is shorter than its shape")
	}
}
