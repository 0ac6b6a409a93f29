package kernels

// tile is a column of tiles: m rows by at most one panel of c, over one block of depth.
type tile struct {
	m, n, k int

	// Element (i, p) of a is a[i*rowStep + p*depthStep]. In strips it is a[x*tileStep + (i-i0)*rowStep + p*depthStep]
	// for a tile number x that starts at row i0.
	a                            []float32
	rowStep, depthStep, tileStep int
	strips                       bool

	b    []float32 // panel: element (p, j) is b[p*tileCols + j]
	c    []float32 // [m, n] of row stride ldc
	ldc  int
	init []float32 // where the chains start, of row stride ldi; nil: at +0
	ldi  int
}

// cut says how m rows become tiles: full tiles of six rows and up to two smaller ones. Fives, fours and threes keep the
// FMA units busy, ones and twos don't. A chain is the same whatever tile it is in.
func cut(m int) (full, tail1, tail2 int) {
	full, rest := m/tileRows, m%tileRows
	if rest == 0 || rest >= 4 || full == 0 {
		return full, rest, 0
	}
	return full - 1, (rest + tileRows + 1) / 2, (rest + tileRows) / 2
}

// run computes the tiles.
func (t *tile) run() {
	full, tail1, tail2 := cut(t.m)
	if full > 0 {
		t.rows(0, 0, full, tileRows)
	}
	if tail1 > 0 {
		t.rows(full, full*tileRows, 1, tail1)
	}
	if tail2 > 0 {
		t.rows(full+1, full*tileRows+tail1, 1, tail2)
	}
}

// rows computes count tiles of the given rows each: tile x, at row i, and those below it.
func (t *tile) rows(x, i, count, rows int) {
	a := t.a
	if t.k > 0 {
		if t.strips {
			a = a[x*t.tileStep:]
		} else {
			a = a[i*t.rowStep:]
		}
	}
	var init []float32
	if t.init != nil {
		init = t.init[i*t.ldi:]
	}
	c := t.c[i*t.ldc:]
	if t.n == tileCols {
		tiles(count, rows, t.k, a, t.rowStep, t.depthStep, t.tileStep, t.b, c, t.ldc, init, t.ldi)
		return
	}
	for y := range count {
		var edge [tileRows * tileCols]float32
		if init != nil {
			for r := range rows {
				copy(edge[r*tileCols:][:t.n], init[(y*tileRows+r)*t.ldi:])
			}
		}
		if t.k > 0 && y > 0 {
			a = a[t.tileStep:]
		}
		tiles(1, rows, t.k, a, t.rowStep, t.depthStep, t.tileStep, t.b, edge[:], tileCols, edge[:], tileCols)
		for r := range rows {
			copy(c[(y*tileRows+r)*t.ldc:][:t.n], edge[r*tileCols:])
		}
	}
}

// stripPad keeps strips of a power of two in length from falling into the same sets of the cache.
const stripPad = 16

// stripSize is the length of the buffer that pack needs for m rows and depth k.
func stripSize(m, k int) int { return (m/tileRows + 2) * (k*tileRows + stripPad) }

// pack points t at the rows of a transposed a, [k, m] of row stride lda, packed into dst: strips of six rows (fewer in
// the tail) side by side, a strip a tile.
func (t *tile) pack(dst, a []float32, lda int) {
	t.a, t.strips, t.rowStep, t.depthStep, t.tileStep = dst, true, 1, tileRows, tileRows*t.k+stripPad
	if t.k == 0 {
		return
	}
	full, tail1, tail2 := cut(t.m)
	i := full * tileRows
	packStrips(dst, t.tileStep, a, lda, t.k, i)
	if tail1 > 0 {
		packStrips(dst[full*t.tileStep:], t.tileStep, a[i:], lda, t.k, tail1)
	}
	if tail2 > 0 {
		packStrips(dst[(full+1)*t.tileStep:], t.tileStep, a[i+tail1:], lda, t.k, tail2)
	}
}
