package kernels

// tilesPlain computes count tiles of rows by 16*panels elements of c, one below the other:
//
//	for every tile x, row i, column j {
//		s := init[(x*rows+i)*ldi + j]
//		for p := range k { s = fma(a[x*tileStep + i*rowStep + p*depthStep], b[j/16*panelStep + p*16 + j%16], s) }
//		c[(x*rows+i)*ldc + j] = s
//	}
func tilesPlain(panels, rows, count, k int, a []float32, rowStep, depthStep, tileStep int, b []float32, panelStep int, c []float32, ldc int, init []float32, ldi int) {
	for x := range count {
		for i := range rows {
			row := x*rows + i
			for q := range panels {
				var s [tileCols]float32
				if init != nil {
					copy(s[:], init[row*ldi+q*tileCols:][:tileCols])
				}
				at := x*tileStep + i*rowStep
				for p := range k {
					v := a[at]
					at += depthStep
					for j, w := range b[q*panelStep+p*tileCols:][:tileCols] {
						s[j] = fma32(v, w, s[j])
					}
				}
				copy(c[row*ldc+q*tileCols:][:tileCols], s[:])
			}
		}
	}
}
