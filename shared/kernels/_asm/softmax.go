package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// softmaxRows writes the kernels of softmax.go and crossentropy.go.
func softmaxRows() {
	text("rowMaxAVX", "func(x []float32) float32", "rowMaxPlain")
	n, x := length("x"), base("x")
	low := YMM()
	VMOVUPS(constant(float32(math.Inf(-1))), low)
	var m [4]reg.VecVirtual
	for i := range m {
		m[i] = YMM()
		VMOVAPS(low, m[i])
	}
	sweep("loop", n, len(m), func(k int, b block) {
		v := b.load(x)
		if b.mask != nil {
			VBLENDVPS(b.mask, v, low, v)
		}
		VMAXPS(m[k], v, m[k])
	})
	VMAXPS(m[1], m[0], m[0])
	VMAXPS(m[3], m[2], m[2])
	VMAXPS(m[2], m[0], m[0])
	h, g := XMM(), XMM()
	VEXTRACTF128(Imm(1), m[0], h)
	VMAXPS(h, m[0].AsX(), h)
	VMOVHLPS(h, h, g)
	VMAXPS(g, h, h)
	VMOVSHDUP(h, g)
	VMAXSS(g, h, h)
	Store(h, ReturnIndex(0))
	done()

	expSum := func(name, signature, doc string, keep bool) {
		text(name, signature, doc)
		n, x, m := length("x"), base("x"), broadcast("m")
		var y reg.Register
		if keep {
			y = base("y")
		}
		s := [2]reg.VecVirtual{zero(), zero()}
		sweep("loop", n, len(s), func(k int, b block) {
			v := b.load(x)
			VSUBPS(m, v, v)
			e := exp(v)
			b.existing(e)
			if keep {
				b.store(e, y)
			}
			VADDPS(e, s[k], s[k])
		})
		Store(sumLanes(s[0], s[1]).AsX(), ReturnIndex(0))
		done()
	}
	expSum("expSumAVX", "func(y, x []float32, m float32) float32", "expSumPlain", true)
	expSum("expSumOnlyAVX", "func(x []float32, m float32) float32", "expSumOnlyPlain", false)

	text("softmaxGradRowAVX", "func(dx, dy, y []float32, acc bool)", "softmaxGradRowPlain")
	n = length("dy")
	dx, dy, y := base("dx"), base("dy"), base("y")
	s := [2]reg.VecVirtual{zero(), zero()}
	sweep("dot", n, len(s), func(k int, b block) {
		v, w := b.load(dy), b.load(y)
		VFMADD231PS(w, v, s[k])
	})
	dot := sumLanes(s[0], s[1])
	setOrAdd(func(label string, put func(b block, v reg.VecVirtual, p reg.Register)) {
		sweep(label, n, 2, func(_ int, b block) {
			v, w := b.load(dy), b.load(y)
			VSUBPS(dot, v, v)
			VMULPS(w, v, v)
			put(b, v, dx)
		})
	})
	done()
}

// setOrAdd writes a last pass twice and chooses by the parameter acc: put sets the block of a slice or adds to it.
func setOrAdd(pass func(label string, put func(b block, v reg.VecVirtual, p reg.Register))) {
	acc := Load(Param("acc"), GP8())
	TESTB(acc, acc)
	JNZ(LabelRef("accumulate"))
	pass("set", func(b block, v reg.VecVirtual, p reg.Register) { b.store(v, p) })
	done()
	Label("accumulate")
	pass("add", func(b block, v reg.VecVirtual, p reg.Register) {
		VADDPS(b.load(p), v, v)
		b.store(v, p)
	})
}
