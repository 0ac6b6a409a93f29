package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

// mapped writes a function y[i] = body(a[i], b[i], ...) of slices of the length of the first; the first is read too when
// update is set. The parameter s, where there is one, is a scalar.
func mapped(name, signature, doc string, slices []string, update bool, blocks int, body func(v []reg.VecVirtual) reg.VecVirtual) {
	text(name, signature, doc)
	n := length(slices[0])
	var p []reg.Register
	for _, s := range slices {
		p = append(p, base(s))
	}
	in := p[1:]
	if update {
		in = p
	}
	sweep("loop", n, blocks, func(_ int, b block) {
		var v []reg.VecVirtual
		for _, q := range in {
			v = append(v, b.load(q))
		}
		b.store(body(v), p[0])
	})
	done()
}

// elementwise writes the kernels of elementwise.go.
func elementwise() {
	mapped("addAVX", "func(y, x []float32)", "addPlain", []string{"y", "x"}, true, 4,
		func(v []reg.VecVirtual) reg.VecVirtual {
			VADDPS(v[1], v[0], v[0])
			return v[0]
		})
	mapped("mulAddAVX", "func(y, a, b []float32)", "mulAddPlain", []string{"y", "a", "b"}, true, 4,
		func(v []reg.VecVirtual) reg.VecVirtual {
			VFMADD231PS(v[2], v[1], v[0])
			return v[0]
		})
	mapped("mulAVX", "func(y, a, b []float32)", "mulPlain", []string{"y", "a", "b"}, false, 4,
		func(v []reg.VecVirtual) reg.VecVirtual {
			VMULPS(v[1], v[0], v[0])
			return v[0]
		})

	text("scaleAVX", "func(x []float32, s float32)", "scalePlain")
	n, x, s := length("x"), base("x"), broadcast("s")
	sweep("loop", n, 4, func(_ int, b block) {
		v := b.load(x)
		VMULPS(s, v, v)
		b.store(v, x)
	})
	done()

	text("addScaledAVX", "func(y, x []float32, s float32)", "addScaledPlain")
	n, y, x, s := length("y"), base("y"), base("x"), broadcast("s")
	sweep("loop", n, 4, func(_ int, b block) {
		v, w := b.load(x), b.load(y)
		VFMADD231PS(s, v, w)
		b.store(w, y)
	})
	done()
}
