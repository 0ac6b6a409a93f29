package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rows writes the kernels that work by elements, rows or columns.
func rows() {
	elementwise()
	activations()
	softmaxRows()
	layerNorms()
	columns()
	dropout()
	rotary()
	adamW()
	sums()
}

var constants = map[uint32]Mem{}

// constant returns 8 lanes of x in memory, declared once.
func constant(x float32) Mem { return constantBits(math.Float32bits(x)) }

func constantBits(bits uint32) Mem {
	m, ok := constants[bits]
	if !ok {
		m = vector(fmt.Sprintf("rows%08x", bits), bits)
		constants[bits] = m
	}
	return m
}

const (
	signBit = 1 << 31
	absBits = signBit - 1

	// Predicates of VCMPPS.
	less       = 17
	notLess    = 5
	notAtMost  = 6
	greater    = 30
	maskBlocks = 4
)

// masks holds 8*maskBlocks lanes of ones and as many of zeros: a load that begins r lanes before the zeros masks the
// first r lanes.
var masks = Mem{}

func maskTable() Mem {
	if masks.Base == nil {
		masks = GLOBL("rowsMasks", RODATA|NOPTR)
		for i := range 2 * 8 * maskBlocks {
			ones := uint32(0)
			if i < 8*maskBlocks {
				ones = math.MaxUint32
			}
			DATA(4*i, U32(ones))
		}
	}
	return masks
}

// A block is 8 elements of the slices that a sweep goes over; in the tail mask tells which exist.
type block struct {
	at   reg.GPVirtual
	disp int
	mask reg.VecVirtual // nil: all
}

func (b block) of(p reg.Register) Mem { return Mem{Base: p, Index: b.at, Scale: 1, Disp: b.disp} }

// load reads the block of the slice at p, with zeros for elements that don't exist.
func (b block) load(p reg.Register) reg.VecVirtual {
	v := YMM()
	if b.mask == nil {
		VMOVUPS(b.of(p), v)
	} else {
		VMASKMOVPS(b.of(p), b.mask, v)
	}
	return v
}

// store writes v to the block of the slice at p.
func (b block) store(v reg.VecVirtual, p reg.Register) {
	if b.mask == nil {
		VMOVUPS(v, b.of(p))
	} else {
		VMASKMOVPS(v, b.mask, b.of(p))
	}
}

// existing zeroes the lanes of v that don't exist.
func (b block) existing(v reg.VecVirtual) {
	if b.mask != nil {
		VANDPS(b.mask, v, v)
	}
}

// sweep runs body over n elements, blocks of 8 at a time, and once more for what is left. The label must be unique in
// the function.
func sweep(label string, n reg.Register, blocks int, body func(k int, b block)) {
	at, left := GP64().(reg.GPVirtual), GP64()
	XORQ(at, at)
	MOVQ(n, left)
	SUBQ(Imm(uint64(8*blocks)), left)
	JLT(LabelRef(label + "Tail"))
	Label(label)
	for k := range blocks {
		body(k, block{at: at, disp: 32 * k})
	}
	ADDQ(Imm(uint64(32*blocks)), at)
	SUBQ(Imm(uint64(8*blocks)), left)
	JGE(LabelRef(label))
	Label(label + "Tail")
	ADDQ(Imm(uint64(8*blocks)), left)
	JZ(LabelRef(label + "Done"))
	table, start := GP64(), GP64()
	LEAQ(maskTable(), table)
	MOVQ(U32(8*maskBlocks), start)
	SUBQ(left, start)
	for k := range blocks {
		mask := YMM()
		VMOVUPS(Mem{Base: table, Index: start, Scale: 4, Disp: 32 * k}, mask)
		body(k, block{at, 32 * k, mask})
	}
	Label(label + "Done")
}

// text begins a function; its slices and scalars come by parameter.
func text(name, signature, doc string) {
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(name + " is " + doc + ".")
}

func base(name string) reg.Register   { return Load(Param(name).Base(), GP64()) }
func length(name string) reg.Register { return Load(Param(name).Len(), GP64()) }

// broadcast returns the float32 parameter in every lane.
func broadcast(name string) reg.VecVirtual {
	c, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	v := YMM()
	VBROADCASTSS(c.Addr, v)
	return v
}

func zero() reg.VecVirtual {
	v := YMM()
	VXORPS(v, v, v)
	return v
}

func done() {
	VZEROUPPER()
	RET()
}

// polynomial returns c[0] + x (c[1] + x (...)).
func polynomial(x reg.VecVirtual, c ...float32) reg.VecVirtual {
	p := YMM()
	VMOVUPS(constant(c[len(c)-1]), p)
	for i := len(c) - 2; i >= 0; i-- {
		VFMADD213PS(constant(c[i]), x, p)
	}
	return p
}

// exp returns Exp(x) for x <= 0 or NaN; x is spoilt.
func exp(x reg.VecVirtual) reg.VecVirtual {
	t, n, r := YMM(), YMM(), YMM()
	VMOVUPS(constant(12582912+127), t)
	VFMADD231PS(constant(1.44269504), x, t)
	VSUBPS(constant(12582912+127), t, n)
	VMOVAPS(x, r)
	VFNMADD231PS(constant(0.693147182464599609375), n, r)
	VFNMADD231PS(constant(-1.904654323148236017e-09), n, r)
	p := polynomial(r, 1, 1, 0.49999994, 0.16666521, 0.04166839, 0.008368745, 0.0013814551)
	VPSLLD(Imm(23), t, t)
	VMULPS(t, p, p)
	VCMPPS(Imm(notLess), constant(-87.33654), x, x)
	VANDPS(x, p, p)
	return p
}
