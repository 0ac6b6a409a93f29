package kernels

// A micro-kernel holds a tile of c in registers. The plain and the AVX2 form hold 6 rows by one panel, the AVX-512 form 14
// rows by two. A chain is the same whatever tile it is in.
const (
	tileCols = 16 // columns of a panel of b

	narrowRows, narrowPanels = 6, 1
	wideRows, widePanels     = 14, 2

	halfPanel = tileCols / 2 // columns of a tile that has a form of its own on the widest path: the rank of a low-rank change
)

// tileShape returns the largest tile of the path in use, in rows and panels.
func tileShape() (rows, panels int) {
	if avx512 {
		return wideRows, widePanels
	}
	return narrowRows, narrowPanels
}

// tile is a column of tiles: m rows by at most tileShape's panels of c, over one block of depth.
type tile struct {
	m, n, k int

	// Element (i, p) of a is a[i*rowStep + p*depthStep]. With stripStep > 0 the rows of each tile are a strip of their own:
	// a[x*stripStep + (i-i0)*rowStep + p*depthStep] for a tile number x that starts at row i0.
	a                             []float32
	rowStep, depthStep, stripStep int

	b         []float32 // panels: element (p, j) is b[j/16*panelStep + p*16 + j%16]
	panelStep int
	c         []float32 // [m, n] of row stride ldc
	ldc       int
	init      []float32 // where the chains start, of row stride ldi; nil: at +0
	ldi       int
}

// cut says how m rows become tiles of nearly the same height: full tiles of the given rows and one of tail rows.
func cut(m int) (rows, full, tail int) {
	most, _ := tileShape()
	tiles := max((m+most-1)/most, 1)
	rows = max((m+tiles-1)/tiles, 1)
	return rows, m / rows, m % rows
}

// run computes the tiles.
func (t *tile) run() {
	if t.m == 0 {
		return
	}
	rows, full, tail := cut(t.m)
	t.rows(0, 0, full, rows)
	if tail > 0 {
		t.rows(full, full*rows, 1, tail)
	}
}

// rows computes count tiles of the given rows each: tile x, at row i, and those below it.
func (t *tile) rows(x, i, count, rows int) {
	a, tileStep := t.a, rows*t.rowStep
	if t.stripStep > 0 {
		tileStep = t.stripStep
	}
	if t.k > 0 {
		if t.stripStep > 0 {
			a = a[x*t.stripStep:]
		} else {
			a = a[i*t.rowStep:]
		}
	}
	var init []float32
	if t.init != nil {
		init = t.init[i*t.ldi:]
	}
	c := t.c[i*t.ldc:]
	panels := (t.n + tileCols - 1) / tileCols
	if t.n == halfPanel && t.depthStep == 1 && halfTiles(rows, count, t.k, a, t.rowStep, tileStep, t.b, c, t.ldc, init, t.ldi) {
		return
	}
	if t.n == panels*tileCols {
		tiles(panels, rows, count, t.k, a, t.rowStep, t.depthStep, tileStep, t.b, t.panelStep, c, t.ldc, init, t.ldi)
		return
	}
	const width = widePanels * tileCols
	for y := range count {
		var edge [wideRows * width]float32
		if init != nil {
			for r := range rows {
				copy(edge[r*width:][:t.n], init[(y*rows+r)*t.ldi:])
			}
		}
		if t.k > 0 && y > 0 {
			a = a[tileStep:]
		}
		tiles(panels, rows, 1, t.k, a, t.rowStep, t.depthStep, tileStep, t.b, t.panelStep, edge[:], width, edge[:], width)
		for r := range rows {
			copy(c[(y*rows+r)*t.ldc:][:t.n], edge[r*width:])
		}
	}
}

// stripPad keeps strips of a power of two in length from falling into the same sets of the cache, and takes what
// packStrips writes past the end of a strip.
const stripPad = 16

// stripSize is the length of the buffer that pack needs for m rows and depth k.
func stripSize(m, k int) int {
	rows, full, _ := cut(m)
	return (full + 1) * (k*rows + stripPad)
}

// pack points t at the rows of a transposed a, [k, m] of row stride lda, packed into dst: strips of a tile's rows side by
// side.
func (t *tile) pack(dst, a []float32, lda int) {
	rows, full, tail := cut(t.m)
	t.a, t.rowStep, t.depthStep, t.stripStep = dst, 1, rows, rows*t.k+stripPad
	if t.k == 0 {
		return
	}
	packStrips(dst, t.stripStep, a, lda, t.k, full, rows, rows)
	if tail > 0 {
		packStrips(dst[full*t.stripStep:], t.stripStep, a[full*rows:], lda, t.k, 1, rows, tail)
	}
}
