package main

import (
	. "github.com/mmcloughlin/avo/build"
)

// rotary writes the kernel of rotary.go.
func rotary() {
	text("turnAVX", "func(a, b, cos, sin []float32)", "turnPlain")
	n, p, q, cos, sin := length("cos"), base("a"), base("b"), base("cos"), base("sin")
	sweep("loop", n, 1, func(_ int, b block) {
		u, v, c, s := b.load(p), b.load(q), b.load(cos), b.load(sin)
		x, y := YMM(), YMM()
		VMULPS(s, v, x)
		VFMSUB231PS(c, u, x)
		VMULPS(s, u, y)
		VFMADD231PS(c, v, y)
		b.store(x, p)
		b.store(y, q)
	})
	done()
}
