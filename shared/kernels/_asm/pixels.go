package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Shift and rounding of sums of weighted levels, see pixelBits.
const (
	pixelShift = 22
	pixelHalf  = 1 << (pixelShift - 1)
)

// pixels writes the kernels of pixels.go.
func pixels() {
	weighPixels()
	weighRows()
}

// weighPixels sums the taps of an output pixel two at a time, a channel to a lane.
func weighPixels() {
	text("weighPixelsAVX", "func(y, x []uint8, first, weights []int32, size int)", "weighPixelsPlain")
	y, x, first, w := base("y"), base("x"), base("first"), base("weights")
	n := length("first")
	size := Load(Param("size"), GP64())
	half := XMM()
	VPBROADCASTD(constantBits(pixelHalf), half)
	p, k := GP64(), GP64()
	Label("output")
	MOVLQSX(Mem{Base: first}, p)
	LEAQ(Mem{Base: x, Index: p, Scale: 4}, p)
	a, b := zero(), zero()
	MOVQ(size, k)
	Label("taps")
	for i, sum := range []reg.VecVirtual{a, b} {
		v := YMM()
		VPMOVZXBD(Mem{Base: p, Disp: 8 * i}, v)
		VPMULLD(Mem{Base: w, Disp: 32 * i}, v, v)
		VPADDD(v, sum, sum)
	}
	ADDQ(Imm(16), p)
	ADDQ(Imm(64), w)
	SUBQ(Imm(4), k)
	JG(LabelRef("taps"))
	VPADDD(b, a, a)
	high := XMM()
	VEXTRACTI128(Imm(1), a, high)
	low := a.AsX()
	VPADDD(high, low, low)
	VPADDD(half, low, low)
	VPSRAD(Imm(pixelShift), low, low)
	VPACKSSDW(low, low, low)
	VPACKUSWB(low, low, low)
	VMOVD(low, Mem{Base: y})
	ADDQ(Imm(4), y)
	ADDQ(Imm(4), first)
	SUBQ(Imm(1), n)
	JG(LabelRef("output"))
	done()
}

// weighRows keeps the sums of 32 bytes of a row in registers, then of 8, then of 4.
func weighRows() {
	text("weighRowsAVX", "func(y, x []uint8, stride int, weights []int32)", "weighRowsPlain")
	y, x, w := base("y"), base("x"), base("weights")
	left, taps := length("y"), length("weights")
	stride := Load(Param("stride"), GP64())
	half := YMM()
	VPBROADCASTD(constantBits(pixelHalf), half)
	for _, c := range []struct {
		name string
		vecs int
	}{{"wide", 4}, {"narrow", 1}} {
		bytes := uint64(8 * c.vecs)
		Label(c.name)
		CMPQ(left, Imm(bytes))
		JLT(LabelRef(c.name + "Done"))
		sums := make([]reg.VecVirtual, c.vecs)
		for i := range sums {
			sums[i] = YMM()
			VMOVDQA(half, sums[i])
		}
		p, k := GP64(), GP64()
		MOVQ(x, p)
		XORQ(k, k)
		Label(c.name + "Taps")
		weight := YMM()
		VPBROADCASTD(Mem{Base: w, Index: k, Scale: 4}, weight)
		for i := range sums {
			v := YMM()
			VPMOVZXBD(Mem{Base: p, Disp: 8 * i}, v)
			VPMULLD(weight, v, v)
			VPADDD(v, sums[i], sums[i])
		}
		ADDQ(stride, p)
		INCQ(k)
		CMPQ(k, taps)
		JLT(LabelRef(c.name + "Taps"))
		for i, s := range sums {
			VPSRAD(Imm(pixelShift), s, s)
			high := XMM()
			VEXTRACTI128(Imm(1), s, high)
			low := s.AsX()
			VPACKSSDW(high, low, low)
			VPACKUSWB(low, low, low)
			VMOVQ(low, Mem{Base: y, Disp: 8 * i})
		}
		ADDQ(Imm(bytes), x)
		ADDQ(Imm(bytes), y)
		SUBQ(Imm(bytes), left)
		JMP(LabelRef(c.name))
		Label(c.name + "Done")
	}
	TESTQ(left, left)
	JZ(LabelRef("done"))
	sum := XMM()
	VMOVDQA(half.AsX(), sum)
	k := GP64()
	XORQ(k, k)
	Label("lastTaps")
	v, weight := XMM(), XMM()
	VPBROADCASTD(Mem{Base: w, Index: k, Scale: 4}, weight)
	VPMOVZXBD(Mem{Base: x}, v)
	VPMULLD(weight, v, v)
	VPADDD(v, sum, sum)
	ADDQ(stride, x)
	INCQ(k)
	CMPQ(k, taps)
	JLT(LabelRef("lastTaps"))
	VPSRAD(Imm(pixelShift), sum, sum)
	VPACKSSDW(sum, sum, sum)
	VPACKUSWB(sum, sum, sum)
	VMOVD(sum, Mem{Base: y})
	Label("done")
	done()
}
