package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// sums writes the kernels of sum.go: 16 lanes of float64 in four registers.
func sums() {
	sum := func(name, doc string, add func(x, s reg.VecVirtual)) {
		text(name, "func(s *[16]float64, x []float32)", doc)
		out, n, x := Load(Param("s"), GP64()), length("x"), base("x")
		s := [4]reg.VecVirtual{zero(), zero(), zero(), zero()}
		sweep("loop", n, 2, func(k int, b block) {
			v, low, high := b.load(x), YMM(), YMM()
			VCVTPS2PD(v.AsX(), low)
			VEXTRACTF128(Imm(1), v, high.AsX())
			VCVTPS2PD(high.AsX(), high)
			add(low, s[2*k])
			add(high, s[2*k+1])
		})
		for i := range s {
			VMOVUPD(s[i], Mem{Base: out, Disp: 32 * i})
		}
		done()
	}
	sum("sumLanesAVX", "sumLanesPlain for lanes that are 0", func(x, s reg.VecVirtual) { VADDPD(x, s, s) })
	sum("sumSquareLanesAVX", "sumSquareLanesPlain for lanes that are 0", func(x, s reg.VecVirtual) { VFMADD231PD(x, x, s) })
}
