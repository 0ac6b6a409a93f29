package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// dropout writes the kernel of dropout.go: 8 hashes at a time.
func dropout() {
	const step, mul0, mul1, mul2 = 0x9e3779b9, 0xd6e8feb9, 0x85ebca6b, 0xc2b2ae35
	first := GLOBL("dropoutFirst", RODATA|NOPTR)
	for i := range uint32(8) {
		DATA(int(4*i), U32(i*step&(1<<32-1)))
	}
	text("dropoutRowAVX", "func(y, x []float32, key uint64, threshold int32, scale float32)", "dropoutRowPlain")
	n, x, y, scale := length("x"), base("x"), base("y"), broadcast("scale")
	word := func(r reg.GPVirtual) reg.VecVirtual {
		v := YMM()
		VMOVD(r.As32(), v.AsX())
		VPBROADCASTD(v.AsX(), v)
		return v
	}
	key := Load(Param("key"), GP64()).(reg.GPVirtual)
	counter := word(key)
	SHRQ(Imm(32), key)
	high, threshold := word(key), word(Load(Param("threshold"), GP32()).(reg.GPVirtual))
	VPADDD(first, counter, counter)
	m0, m1, m2, inc := YMM(), YMM(), YMM(), YMM()
	VMOVDQU(constantBits(mul0), m0)
	VMOVDQU(constantBits(mul1), m1)
	VMOVDQU(constantBits(mul2), m2)
	VMOVDQU(constantBits(8*step&(1<<32-1)), inc)
	sweep("loop", n, 2, func(_ int, b block) {
		h, t := YMM(), YMM()
		shiftXor := func(from reg.VecVirtual, bits uint64) {
			VPSRLD(Imm(bits), from, t)
			VPXOR(t, from, h)
		}
		shiftXor(counter, 15)
		VPADDD(inc, counter, counter)
		VPMULLD(m0, h, h)
		VPXOR(high, h, h)
		shiftXor(h, 16)
		VPMULLD(m1, h, h)
		shiftXor(h, 13)
		VPMULLD(m2, h, h)
		shiftXor(h, 16)
		VPCMPGTD(h, threshold, h)
		v := b.load(x)
		VMULPS(scale, v, v)
		VANDNPS(v, h, v)
		b.store(v, y)
	})
	done()
}
