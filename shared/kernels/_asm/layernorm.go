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
	layerNormStrip()
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

// layerNormStrip writes the gradient of the parameters: four rows at a time, so that memory is read along the rows.
func layerNormStrip() {
	text("layerNormGradStripAVX", "func(dgamma, dbeta []float32, dy, x *float32, mean, rstd *[4]float32, d int)",
		"layerNormGradStripPlain for 4 rows; dbeta is there")
	n, dgamma, dbeta := length("dgamma"), base("dgamma"), base("dbeta")
	dy, x, d := Load(Param("dy"), GP64()), Load(Param("x"), GP64()), Load(Param("d"), GP64())
	stride := GP64()
	MOVQ(d, stride)
	xs, dys := rowPointers(x, stride, 4), rowPointers(dy, d, 4)
	mean, rstd := Load(Param("mean"), GP64()), Load(Param("rstd"), GP64())
	var m, s [4]reg.VecVirtual
	for i := range m {
		m[i], s[i] = YMM(), YMM()
		VBROADCASTSS(Mem{Base: mean, Disp: 4 * i}, m[i])
		VBROADCASTSS(Mem{Base: rstd, Disp: 4 * i}, s[i])
	}
	sweep("loop", n, 1, func(_ int, b block) {
		w, c := b.load(dgamma), b.load(dbeta)
		for i := range m {
			h, g := b.load(xs[i]), b.load(dys[i])
			VSUBPS(m[i], h, h)
			VMULPS(s[i], h, h)
			VFMADD231PS(g, h, w)
			VADDPS(g, c, c)
		}
		b.store(w, dgamma)
		b.store(c, dbeta)
	})
	done()
}
