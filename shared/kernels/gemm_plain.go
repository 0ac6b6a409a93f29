package kernels

// tilesPlain computes count tiles of rows by 16 elements of c, one below the other:
//
//	for every tile x, row i, column j {
//		s := init[(x*6+i)*ldi + j]
//		for p := range k { s = fma(a[x*tileStep + i*rowStep + p*depthStep], b[p*16 + j], s) }
//		c[(x*6+i)*ldc + j] = s
//	}
func tilesPlain(count, rows, k int, a []float32, rowStep, depthStep, tileStep int, b, c []float32, ldc int, init []float32, ldi int) {
	for x := range count {
		for i := range rows {
			row := x*tileRows + i
			var s [tileCols]float32
			if init != nil {
				copy(s[:], init[row*ldi:][:tileCols])
			}
			at := x*tileStep + i*rowStep
			for p := range k {
				v := a[at]
				at += depthStep
				for j, w := range b[p*tileCols:][:tileCols] {
					s[j] = fma32(v, w, s[j])
				}
			}
			copy(c[row*ldc:][:tileCols], s[:])
		}
	}
}
