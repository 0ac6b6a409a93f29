package kernels

// A panel is 16 columns of b, all depths: element (p, j) at p*16 + j. What stands in columns past the last is of no
// account, for a column of c depends on its own column of b only.

// packStraightPlain packs n columns of b [k, ...] of row stride ldb into panels that lie panelStep apart.
func packStraightPlain(dst []float32, panelStep int, b []float32, ldb, k, n int) {
	for p := range k {
		row := b[p*ldb:][:n]
		for j := 0; j < n; j += tileCols {
			copy(dst[j/tileCols*panelStep+p*tileCols:][:tileCols], row[j:])
		}
	}
}

// packTransposedPlain packs one panel of n columns from b [n, ...] of row stride ldb: column j of the panel is row j.
func packTransposedPlain(dst, b []float32, ldb, k, n int) {
	for j := range n {
		at := j
		for _, v := range b[j*ldb:][:k] {
			dst[at] = v
			at += tileCols
		}
	}
}

// packStripsPlain packs columns of a [k, ...] of row stride lda into strips of the given width that lie stripStep apart:
// element (p, i) of strip t is column t*width + i of row p, at t*stripStep + p*width + i, for the first lanes columns of
// each. What stands in the others is of no account.
func packStripsPlain(dst []float32, stripStep int, a []float32, lda, k, strips, width, lanes int) {
	for p := range k {
		for t := range strips {
			copy(dst[t*stripStep+p*width:][:lanes], a[p*lda+t*width:])
		}
	}
}
