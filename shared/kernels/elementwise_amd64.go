//go:build amd64 && !purego

package kernels

//go:generate go -C _asm run . -kernel rows

func add(y, x []float32) {
	if avx2 {
		addAVX(y, x)
	} else {
		addPlain(y, x)
	}
}

func scale(x []float32, s float32) {
	if avx2 {
		scaleAVX(x, s)
	} else {
		scalePlain(x, s)
	}
}

func addScaled(y, x []float32, s float32) {
	if avx2 {
		addScaledAVX(y, x, s)
	} else {
		addScaledPlain(y, x, s)
	}
}

func mulAdd(y, a, b []float32) {
	if avx2 {
		mulAddAVX(y, a, b)
	} else {
		mulAddPlain(y, a, b)
	}
}

func mul(y, a, b []float32) {
	if avx2 {
		mulAVX(y, a, b)
	} else {
		mulPlain(y, a, b)
	}
}
