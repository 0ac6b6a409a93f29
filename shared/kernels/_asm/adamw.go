package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// adamW writes the kernel of adamw.go; factors are those of adamWFactors, in order.
func adamW() {
	text("adamWAVX", "func(p, m, v, g []float32, factors *[8]float32)", "adamWPlain")
	n, p, m, v, g := length("p"), base("p"), base("m"), base("v"), base("g")
	factors := Load(Param("factors"), GP64())
	var f [8]reg.VecVirtual
	for i := range f {
		f[i] = YMM()
		VBROADCASTSS(Mem{Base: factors, Disp: 4 * i}, f[i])
	}
	decay, grad, rest1, beta2, rest2, root, eps, step := f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7]
	sweep("loop", n, 1, func(_ int, b block) {
		d, first, second := b.load(g), b.load(m), b.load(v)
		VMULPS(grad, d, d)
		t := YMM()
		VSUBPS(first, d, t)
		VFMADD231PS(rest1, t, first)
		b.store(first, m)
		VMULPS(beta2, second, second)
		VMULPS(d, d, d)
		VFMADD231PS(rest2, d, second)
		b.store(second, v)
		VSQRTPS(second, second)
		VFMADD213PS(eps, root, second)
		VDIVPS(second, first, first)
		w := b.load(p)
		VMULPS(decay, w, w)
		VFMADD231PS(step, first, w)
		b.store(w, p)
	})
	done()
}
