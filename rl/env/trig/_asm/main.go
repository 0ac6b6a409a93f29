// Command asm writes the AVX2 assembly of package trig. It is a module of its own, so that no user of the package needs the generator; go generate in the package above runs it.
package main

import (
	"flag"
	"fmt"
	"math"
	"os"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The constants of trig.go.
const (
	half1   = 0x1.921fb544p+00
	half2   = 0x1.0b4611a6p-34
	half3   = 0x1.3198a2e037073p-69
	largest = 1 << 20
	round   = 3 << 51

	f3, f3Tail = 0x1.5555555555555p-3, 1./6 - 0x1.5555555555555p-3
	f4, f4Tail = 0x1.5555555555555p-5, 1./24 - 0x1.5555555555555p-5
	f5, f6     = 1. / 120, 1. / 720
	f7, f8     = f5 / 42, f6 / 56
	f9, f10    = f7 / 72, f8 / 90
	f11, f12   = f9 / 110, f10 / 132
	f13, f14   = f11 / 156, f12 / 182
	f15, f16   = f13 / 210, f14 / 240
	f17        = f15 / 272
)

func main() {
	for name, value := range map[string]string{"out": "../many_amd64.s", "stubs": "../many_stubs_amd64.go", "pkg": "trig"} {
		if err := flag.Set(name, value); err != nil {
			fmt.Fprintln(os.Stderr, "asm:", err)
			os.Exit(1)
		}
	}
	ConstraintExpr("!purego")
	many("sinCosAVX", true)
	many("cosAVX", false)
	Generate()
}

var known = map[uint64]Mem{}

// bits gives four lanes of a number's bits in memory.
func bits(v uint64) Mem {
	m, ok := known[v]
	if !ok {
		m = GLOBL(fmt.Sprintf("four%d", len(known)), 24) // read-only, without pointers
		for i := range 4 {
			DATA(8*i, U64(v))
		}
		known[v] = m
	}
	return m
}

func number(v float64) Mem { return bits(math.Float64bits(v)) }

func mul(a Op, b VecVirtual) VecVirtual { y := YMM(); VMULPD(a, b, y); return y }
func add(a Op, b VecVirtual) VecVirtual { y := YMM(); VADDPD(a, b, y); return y }

// sub is a - b.
func sub(a VecVirtual, b Op) VecVirtual { y := YMM(); VSUBPD(b, a, y); return y }

// from is the constant less b.
func from(c float64, b VecVirtual) VecVirtual {
	y := YMM()
	VMOVUPD(number(c), y)
	VSUBPD(b, y, y)
	return y
}

// lack is a b - p in one rounding.
func lack(a VecVirtual, b Op, p VecVirtual) VecVirtual {
	y := YMM()
	VMOVAPD(p, y)
	VFMSUB231PD(b, a, y)
	return y
}

// many writes a loop over fours that ends before the first one with a number that is too large or none, and gives how many numbers it did.
func many(name string, both bool) {
	out := "cos, x []float64"
	if both {
		out = "sin, " + out
	}
	TEXT(name, 4, "func("+out+") (done int)") // NOSPLIT
	Doc(name + " does the first numbers by fours, as sinCosPlain or cosPlain does them.")
	px, pc := Load(Param("x").Base(), GP64()), Load(Param("cos").Base(), GP64())
	n := Load(Param("x").Len(), GP64())
	var ps Register
	if both {
		ps = Load(Param("sin").Base(), GP64())
	}
	i := GP64()
	XORQ(i, i)
	SUBQ(Imm(4), n)
	JLT(LabelRef("end"))
	Label("loop")
	x, absolute, small, bad := YMM(), YMM(), YMM(), YMM()
	VMOVUPD(Mem{Base: px, Index: i, Scale: 8}, x)
	VANDPD(bits(1<<63-1), x, absolute)
	VCMPPD(Imm(0x16), number(largest), absolute, bad) // not <=, quiet: of a NaN too
	mask := GP32()
	VMOVMSKPD(bad, mask)
	TESTL(mask, mask)
	JNE(LabelRef("end"))
	VCMPPD(Imm(0x12), number(math.Pi/4), absolute, small) // <=, quiet

	t := add(number(round), mul(number(2/math.Pi), x))
	k := sub(t, number(round))
	r1 := sub(x, mul(number(half1), k))
	second := mul(number(half2), k)
	r2 := sub(r1, second)
	third := mul(number(half3), k)
	r := sub(r2, third)
	tail := add(sub(sub(r2, r), third), sub(sub(r1, r2), second))
	VBLENDVPD(small, x, r, r)
	VANDNPD(tail, small, tail)
	VANDNPD(t, small, t)

	z := mul(r, r)
	square := lack(r, r, z)
	z2 := mul(z, z)
	s := sine(r, tail, z, square, z2)
	c := cosine(r, tail, z, square, z2)
	odd, turn := YMM(), YMM()
	VPSLLQ(Imm(63), t, odd) // the sign is set where sine and cosine change places
	VPSRLQ(Imm(1), t, turn)
	VPSLLQ(Imm(63), turn, turn) // where both change signs
	if both {
		y := YMM()
		VBLENDVPD(odd, c, s, y)
		VXORPD(turn, y, y)
		VMOVUPD(y, Mem{Base: ps, Index: i, Scale: 8})
	}
	VBLENDVPD(odd, s, c, c)
	VXORPD(odd, turn, turn)
	VXORPD(turn, c, c)
	VMOVUPD(c, Mem{Base: pc, Index: i, Scale: 8})
	ADDQ(Imm(4), i)
	CMPQ(i, n)
	JLE(LabelRef("loop"))
	Label("end")
	VZEROUPPER()
	Store(i, ReturnIndex(0))
	RET()
}

func sine(r, tail, z, square, z2 VecVirtual) VecVirtual {
	rest := add(mul(z2, from(f9, mul(number(f11), z))), from(f5, mul(number(f7), z)))
	high := add(mul(number(f17), z2), from(f13, mul(number(f15), z)))
	rest = add(mul(mul(z2, z2), high), rest)
	cube := mul(r, z)
	third := mul(number(f3), cube)
	lacks := add(mul(number(f3Tail), cube), lack(cube, number(f3), third))
	lacks = add(mul(number(f3), add(mul(r, square), lack(r, z, cube))), lacks)
	s := sub(r, third)
	low := sub(mul(mul(cube, z), rest), lacks)
	low = add(mul(tail, from(1, mul(number(0.5), z))), low)
	return add(add(low, sub(sub(r, s), third)), s)
}

func cosine(r, tail, z, square, z2 VecVirtual) VecVirtual {
	rest := add(mul(z2, from(f10, mul(number(f12), z))), from(f6, mul(number(f8), z)))
	rest = add(mul(mul(z2, z2), from(f14, mul(number(f16), z))), rest)
	half, fourth := mul(number(0.5), z), mul(number(f4), z2)
	lacks := add(mul(number(f4Tail), z2), lack(z2, number(f4), fourth))
	lacks = add(mul(number(f4), add(mul(add(z, z), square), lack(z, z, z2))), lacks)
	w := from(1, half)
	c := add(w, fourth)
	low := sub(sub(sub(lacks, mul(mul(z2, z), rest)), mul(r, tail)), mul(number(0.5), square))
	high := add(sub(from(1, w), half), add(fourth, sub(w, c)))
	return add(add(low, high), c)
}
