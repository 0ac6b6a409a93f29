package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// layerNorms writes the kernels of layernorm.go.
func layerNorms() {
	layerNorm("layerNormRowAVX", "func(y, x, gamma, beta []float32, eps float32) (mean, rstd float32)", "layerNormRowPlain", false)
	layerNorm("addLayerNormRowAVX", "func(y, sum, x, r, gamma, beta []float32, eps float32) (mean, rstd float32)",
		"addLayerNormRowPlain", true)
	layerNormGrad()
	layerNormStrip("layerNormGradStripAVX", "layerNormGradStripPlain for 32 columns and n rows", 4, false)
	layerNormStrip("layerNormGradNarrowAVX", "layerNormGradStripPlain for width columns, at most 8, and n rows", 1, true)
}

// floatOf returns the integer n as a float32 in every lane.
func floatOf(n reg.Register) reg.VecVirtual {
	v := YMM()
	VXORPS(v, v, v)
	VCVTSI2SSQ(n, v.AsX(), v.AsX())
	VBROADCASTSS(v.AsX(), v)
	return v
}

func layerNorm(name, signature, doc string, residual bool) {
	text(name, signature, doc)
	n, x, y := length("x"), base("x"), base("y")
	d := floatOf(n)
	s := [2]reg.VecVirtual{zero(), zero()}
	if residual {
		r, sum := base("r"), base("sum")
		sweep("sum", n, len(s), func(k int, b block) {
			v := b.load(x)
			VADDPS(b.load(r), v, v)
			b.store(v, sum)
			VADDPS(v, s[k], s[k])
		})
		x = sum
	} else {
		sweep("sum", n, len(s), func(k int, b block) { VADDPS(b.load(x), s[k], s[k]) })
	}
	mean := sumLanes(s[0], s[1])
	VDIVPS(d, mean, mean)

	q := [2]reg.VecVirtual{zero(), zero()}
	sweep("square", n, len(q), func(k int, b block) {
		v := b.load(x)
		VSUBPS(mean, v, v)
		b.existing(v)
		VFMADD231PS(v, v, q[k])
	})
	rstd, one := sumLanes(q[0], q[1]), YMM()
	VDIVPS(d, rstd, rstd)
	VADDPS(broadcast("eps"), rstd, rstd)
	VSQRTPS(rstd, rstd)
	VMOVUPS(constant(1), one)
	VDIVPS(rstd, one, rstd)
	Store(mean.AsX(), Return("mean"))
	Store(rstd.AsX(), Return("rstd"))

	gamma, beta := base("gamma"), base("beta")
	TESTQ(beta, beta)
	JZ(LabelRef("noBeta"))
	sweep("scale", n, 2, func(_ int, b block) {
		v, w := b.load(x), b.load(beta)
		VSUBPS(mean, v, v)
		VMULPS(rstd, v, v)
		VFMADD231PS(b.load(gamma), v, w)
		b.store(w, y)
	})
	done()
	Label("noBeta")
	sweep("plain", n, 2, func(_ int, b block) {
		v := b.load(x)
		VSUBPS(mean, v, v)
		VMULPS(rstd, v, v)
		VMULPS(b.load(gamma), v, v)
		b.store(v, y)
	})
	done()
}

func layerNormGrad() {
	text("layerNormGradRowAVX", "func(dx, dy, x, gamma []float32, mean, rstd float32, acc bool)", "layerNormGradRowPlain")
	n, dx, dy, x, gamma := length("x"), base("dx"), base("dy"), base("x"), base("gamma")
	mean, rstd := broadcast("mean"), broadcast("rstd")
	row := func(b block) (g, h reg.VecVirtual) {
		h, g = b.load(x), b.load(dy)
		VSUBPS(mean, h, h)
		VMULPS(rstd, h, h)
		VMULPS(b.load(gamma), g, g)
		return g, h
	}
	s, q := [2]reg.VecVirtual{zero(), zero()}, [2]reg.VecVirtual{zero(), zero()}
	sweep("sum", n, 2, func(k int, b block) {
		g, h := row(b)
		b.existing(h)
		VADDPS(g, s[k], s[k])
		VFMADD231PS(h, g, q[k])
	})
	m, c, d := sumLanes(s[0], s[1]), sumLanes(q[0], q[1]), floatOf(n)
	VDIVPS(d, m, m)
	VDIVPS(d, c, c)
	setOrAdd(func(label string, put func(b block, v reg.VecVirtual, p reg.Register)) {
		sweep(label, n, 2, func(_ int, b block) {
			g, h := row(b)
			VSUBPS(m, g, g)
			VFNMADD231PS(c, h, g)
			VMULPS(rstd, g, g)
			put(b, g, dx)
		})
	})
	done()
}

func layerNormStrip(name, doc string, blocks int, narrow bool) {
	signature := "func(dgamma, dbeta, dy, x, mean, rstd *float32, n, d int)"
	if narrow {
		signature = "func(dgamma, dbeta, dy, x, mean, rstd *float32, n, d, width int)"
	}
	text(name, signature, doc)
	pointer := func(name string) reg.Register { return Load(Param(name), GP64()) }
	dgamma, dbeta, dy, x, mean, rstd := pointer("dgamma"), pointer("dbeta"), pointer("dy"), pointer("x"), pointer("mean"), pointer("rstd")
	n, stride := pointer("n"), pointer("d")
	SHLQ(Imm(2), stride)
	at := GP64().(reg.GPVirtual)
	XORQ(at, at)
	b := strip(at, blocks, narrow)
	var w, c []reg.VecVirtual
	for i := range b {
		w, c = append(w, b[i].load(dgamma)), append(c, b[i].load(dbeta))
	}
	Label("row")
	m, s := YMM(), YMM()
	VBROADCASTSS(Mem{Base: mean}, m)
	VBROADCASTSS(Mem{Base: rstd}, s)
	for i := range b {
		h, g := b[i].load(x), b[i].load(dy)
		VSUBPS(m, h, h)
		VMULPS(s, h, h)
		VFMADD231PS(g, h, w[i])
		VADDPS(g, c[i], c[i])
	}
	ADDQ(stride, x)
	ADDQ(stride, dy)
	ADDQ(Imm(4), mean)
	ADDQ(Imm(4), rstd)
	DECQ(n)
	JNZ(LabelRef("row"))
	for i := range b {
		b[i].store(w[i], dgamma)
		b[i].store(c[i], dbeta)
	}
	done()
}

// strip returns the blocks side by side at offset at, or one of width columns.
func strip(at reg.GPVirtual, blocks int, narrow bool) []block {
	var b []block
	for i := range blocks {
		b = append(b, block{at: at, disp: 32 * i})
	}
	if narrow {
		table, start := GP64(), GP64()
		LEAQ(maskTable(), table)
		MOVQ(U32(8*maskBlocks), start)
		SUBQ(Load(Param("width"), GP64()), start)
		b[0].mask = YMM()
		VMOVUPS(Mem{Base: table, Index: start, Scale: 4}, b[0].mask)
	}
	return b
}
