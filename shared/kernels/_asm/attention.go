package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// attention writes the row kernels of attention.
func attention() {
	softmaxRow()
	softmaxRowBackward()
}

// vector declares 8 equal lanes of data.
func vector(name string, bits uint32) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(bits))
	}
	return m
}

func vectorOf(name string, x float32) Mem { return vector(name, math.Float32bits(x)) }

// sumLanes adds the 16 lanes of lo and hi by the canonical tree and leaves the sum in every lane of the result.
func sumLanes(lo, hi reg.VecVirtual) reg.VecVirtual {
	x := XMM()
	VADDPS(hi, lo, lo)
	VEXTRACTF128(Imm(1), lo, x)
	VADDPS(x, lo.AsX(), x)
	y := XMM()
	VMOVHLPS(x, x, y)
	VADDPS(y, x, x)
	VMOVSHDUP(x, y)
	VADDSS(y, x, x)
	out := YMM()
	VBROADCASTSS(x, out)
	return out
}

// softmaxRow writes the softmax of a row between two columns: three passes over at most a few kilobytes.
func softmaxRow() {
	log2e := vectorOf("attentionLog2e", 1.44269504)
	shift := vectorOf("attentionShift", 12582912+127)
	ln2Hi := vectorOf("attentionLn2Hi", 0.693147182464599609375)
	ln2Lo := vectorOf("attentionLn2Lo", -1.904654323148236017e-09)
	var coefficient [7]Mem
	for i, c := range []float32{1, 1, 0.49999994, 0.16666521, 0.04166839, 0.008368745, 0.0013814551} {
		coefficient[i] = vectorOf("attentionExp"+string(rune('0'+i)), c)
	}
	least := vectorOf("attentionExpMin", -87.33654)
	infinity := vectorOf("attentionInf", float32(math.Inf(-1)))
	count := GLOBL("attentionCount", RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(i))
	}
	eight := vector("attentionEight", 8)

	TEXT("softmaxRowAVX", NOSPLIT, "func(row *float32, blocks, from, to int, scale float32)")
	Pragma("noescape")
	Doc("softmaxRowAVX is softmaxRowPlain on 16*blocks elements; blocks is not 0 and from is less than to.")
	row := Load(Param("row"), GP64()).(reg.GPVirtual)
	blocks := Load(Param("blocks"), GP64())
	broadcast := func(name string, less int) reg.VecVirtual {
		n := Load(Param(name), GP64()).(reg.GPVirtual)
		if less > 0 {
			SUBQ(Imm(uint64(less)), n)
		}
		v := YMM()
		VMOVD(n.As32(), v.AsX())
		VPBROADCASTD(v.AsX(), v)
		return v
	}
	from, to := broadcast("from", 1), broadcast("to", 0)
	scale := YMM()
	scaleParam, err := Param("scale").Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(scaleParam.Addr, scale)
	inc := YMM()
	VMOVUPS(eight, inc)

	at, p, n := YMM(), GP64(), GP64()
	start := func() {
		VMOVUPS(count, at)
		MOVQ(row, p)
		MOVQ(blocks, n)
	}
	inside := func() reg.VecVirtual { // lanes of the current 8 columns that lie between from and to
		a, b := YMM(), YMM()
		VPCMPGTD(from, at, a)
		VPCMPGTD(at, to, b)
		VPAND(b, a, a)
		VPADDD(inc, at, at)
		return a
	}

	m := [2]reg.VecVirtual{YMM(), YMM()}
	low := YMM()
	VMOVUPS(infinity, low)
	VMOVAPS(low, m[0])
	VMOVAPS(low, m[1])
	start()
	Label("max")
	for i := range 2 {
		x := YMM()
		VMULPS(Mem{Base: p, Disp: 32 * i}, scale, x)
		VMOVUPS(x, Mem{Base: p, Disp: 32 * i})
		VBLENDVPS(inside(), x, low, x)
		VMAXPS(m[i], x, m[i])
	}
	ADDQ(Imm(64), p)
	DECQ(n)
	JNZ(LabelRef("max"))
	VMAXPS(m[1], m[0], m[0])
	x, y := XMM(), XMM()
	VEXTRACTF128(Imm(1), m[0], x)
	VMAXPS(x, m[0].AsX(), x)
	VMOVHLPS(x, x, y)
	VMAXPS(y, x, x)
	VMOVSHDUP(x, y)
	VMAXSS(y, x, x)
	top := YMM()
	VBROADCASTSS(x, top)

	sums := [2]reg.VecVirtual{YMM(), YMM()}
	VXORPS(sums[0], sums[0], sums[0])
	VXORPS(sums[1], sums[1], sums[1])
	start()
	Label("exp")
	for i := range 2 {
		x, t, e, r := YMM(), YMM(), YMM(), YMM()
		VMOVUPS(Mem{Base: p, Disp: 32 * i}, x)
		VSUBPS(top, x, x)
		VMOVUPS(shift, t)
		VFMADD231PS(log2e, x, t) // n + shift
		VSUBPS(shift, t, e)      // n
		VMOVAPS(x, r)
		VFNMADD231PS(ln2Hi, e, r)
		VFNMADD231PS(ln2Lo, e, r)
		VMOVUPS(coefficient[6], e)
		for c := 5; c >= 0; c-- {
			VFMADD213PS(coefficient[c], r, e)
		}
		VPSLLD(Imm(23), t, t)
		VMULPS(t, e, e)
		VCMPPS(Imm(5), least, x, x) // not less than: also for NaN
		VANDPS(x, e, e)
		VANDPS(inside(), e, e)
		VMOVUPS(e, Mem{Base: p, Disp: 32 * i})
		VADDPS(e, sums[i], sums[i])
	}
	ADDQ(Imm(64), p)
	DECQ(n)
	JNZ(LabelRef("exp"))
	sum, inverse := sumLanes(sums[0], sums[1]), YMM()
	VMOVUPS(coefficient[0], inverse)
	VDIVPS(sum, inverse, inverse)

	start()
	Label("scale")
	for i := range 2 {
		x := YMM()
		VMULPS(Mem{Base: p, Disp: 32 * i}, inverse, x)
		VMOVUPS(x, Mem{Base: p, Disp: 32 * i})
	}
	ADDQ(Imm(64), p)
	DECQ(n)
	JNZ(LabelRef("scale"))
	VZEROUPPER()
	RET()
}

// softmaxRowBackward writes the gradient of the softmax of a row.
func softmaxRowBackward() {
	TEXT("softmaxRowBackwardAVX", NOSPLIT, "func(dp, p *float32, blocks int, scale float32)")
	Pragma("noescape")
	Doc("softmaxRowBackwardAVX is softmaxRowBackwardPlain on 16*blocks elements; blocks is not 0.")
	dp, p := Load(Param("dp"), GP64()), Load(Param("p"), GP64())
	blocks := Load(Param("blocks"), GP64())
	at, n := GP64(), GP64()
	sums := [2]reg.VecVirtual{YMM(), YMM()}
	VXORPS(sums[0], sums[0], sums[0])
	VXORPS(sums[1], sums[1], sums[1])
	XORQ(at, at)
	MOVQ(blocks, n)
	Label("dot")
	for i := range 2 {
		x := YMM()
		VMOVUPS(Mem{Base: p, Index: at, Scale: 1, Disp: 32 * i}, x)
		VFMADD231PS(Mem{Base: dp, Index: at, Scale: 1, Disp: 32 * i}, x, sums[i])
	}
	ADDQ(Imm(64), at)
	DECQ(n)
	JNZ(LabelRef("dot"))
	dot := sumLanes(sums[0], sums[1])
	scale := YMM()
	scaleParam, err := Param("scale").Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(scaleParam.Addr, scale)
	XORQ(at, at)
	MOVQ(blocks, n)
	Label("gradient")
	for i := range 2 {
		x := YMM()
		VMOVUPS(Mem{Base: dp, Index: at, Scale: 1, Disp: 32 * i}, x)
		VSUBPS(dot, x, x)
		VMULPS(Mem{Base: p, Index: at, Scale: 1, Disp: 32 * i}, x, x)
		VMULPS(scale, x, x)
		VMOVUPS(x, Mem{Base: dp, Index: at, Scale: 1, Disp: 32 * i})
	}
	ADDQ(Imm(64), at)
	DECQ(n)
	JNZ(LabelRef("gradient"))
	VZEROUPPER()
	RET()
}
