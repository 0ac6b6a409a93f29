package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gemm writes the micro-kernels of the matrix products and the packing of their operands.
func gemm() {
	for rows := 6; rows >= 1; rows-- {
		tile(fmt.Sprintf("tilesRows%d", rows), rows, true, false)
	}
	for rows := 6; rows >= 1; rows-- {
		tile(fmt.Sprintf("tilesStrip%d", rows), rows, false, false)
	}
	tile("tilesSumLast6", 6, true, true)
	packStraight()
	packTransposed()
	packStrips()
	relax()
}

// rowsOf addresses up to 6 rows by two pointers, of rows 0 and 3, and one stride in bytes.
func rowsOf(p0, p3, stride reg.GPVirtual, row, disp int) Mem {
	m := Mem{Base: p0, Disp: disp}
	if row >= 3 {
		m.Base = p3
	}
	if row%3 > 0 {
		m.Index, m.Scale = stride, uint8(row%3)
	}
	return m
}

// third returns base + 3*stride.
func third(base, stride reg.GPVirtual) reg.GPVirtual {
	p := GP64()
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, p)
	ADDQ(base, p)
	return p
}

// floats loads a parameter that counts float32 and turns it into bytes.
func floats(name string) reg.GPVirtual {
	r := Load(Param(name), GP64()).(reg.GPVirtual)
	SHLQ(Imm(2), r)
	return r
}

// tile writes the kernel of rows x 16 outputs. The 2*rows accumulators start from init (stride ldi), or from zero, and
// take one fused multiply-add for each depth, in ascending order. Per depth: two loads of the panel b and one
// broadcast a row of a, which lies contiguous in depth or in rows. With sumLast they start from zero and init is added
// at the end, as in a product that doesn't keep the canonical order; a benchmark compares the two.
func tile(name string, rows int, contiguous, sumLast bool) {
	step := "rowStep"
	if !contiguous {
		step = "depthStep"
	}
	TEXT(name, NOSPLIT, fmt.Sprintf("func(count, k int, a *float32, %s, tileStep int, b, c *float32, ldc int, init *float32, ldi int)", step))
	Pragma("noescape")
	if contiguous {
		end := "."
		if sumLast {
			end = "; init is added at the end."
		}
		Doc(fmt.Sprintf("%s computes count tiles of %d x 16 outputs; a row of a is contiguous, rows are rowStep apart%s", name, rows, end))
	} else {
		Doc(fmt.Sprintf("%s computes count tiles of %d x 16 outputs; the rows of a are side by side, depths are depthStep apart.", name, rows))
	}
	count := Load(Param("count"), GP64()).(reg.GPVirtual)
	a := Load(Param("a"), GP64()).(reg.GPVirtual)
	stride := floats(step)
	tileStep := floats("tileStep")
	c := Load(Param("c"), GP64()).(reg.GPVirtual)
	ldc := floats("ldc")
	init := Load(Param("init"), GP64()).(reg.GPVirtual)

	var acc [6][2]reg.VecVirtual
	for i := range rows {
		acc[i] = [2]reg.VecVirtual{YMM(), YMM()}
	}
	b0, b1, t0, t1 := YMM(), YMM(), YMM(), YMM()

	Label("tile")
	if !sumLast {
		TESTQ(init, init)
		JZ(LabelRef("zero"))
		ldi := floats("ldi")
		i3 := init
		if rows > 3 {
			i3 = third(init, ldi)
		}
		for i := range rows {
			VMOVUPS(rowsOf(init, i3, ldi, i, 0), acc[i][0])
			VMOVUPS(rowsOf(init, i3, ldi, i, 32), acc[i][1])
		}
		for range rows {
			ADDQ(ldi, init)
		}
		JMP(LabelRef("start"))
		Label("zero")
	}
	for i := range rows {
		VXORPS(acc[i][0], acc[i][0], acc[i][0])
		VXORPS(acc[i][1], acc[i][1], acc[i][1])
	}
	Label("start")
	c3 := c
	if rows > 3 {
		c3 = third(c, ldc)
	}
	for i := range rows {
		PREFETCHT0(rowsOf(c, c3, ldc, i, 0))
		PREFETCHT0(rowsOf(c, c3, ldc, i, 60))
	}
	b := Load(Param("b"), GP64()).(reg.GPVirtual)
	p0 := GP64()
	MOVQ(a, p0)
	p3 := p0
	if contiguous && rows > 3 {
		p3 = third(p0, stride)
	}
	depth := func(u int) {
		VMOVUPS(Mem{Base: b, Disp: 64 * u}, b0)
		VMOVUPS(Mem{Base: b, Disp: 64*u + 32}, b1)
		for i := range rows {
			t := [2]reg.VecVirtual{t0, t1}[i%2]
			if contiguous {
				VBROADCASTSS(rowsOf(p0, p3, stride, i, 4*u), t)
			} else {
				VBROADCASTSS(Mem{Base: p0, Disp: 4 * i}, t)
			}
			VFMADD231PS(b0, t, acc[i][0])
			VFMADD231PS(b1, t, acc[i][1])
		}
		if !contiguous {
			ADDQ(stride, p0)
		}
	}
	advance := func(u int) {
		ADDQ(I32(64*u), b)
		if contiguous {
			ADDQ(Imm(uint64(4*u)), p0)
			if rows > 3 {
				ADDQ(Imm(uint64(4*u)), p3)
			}
		}
	}
	n := GP64()
	Load(Param("k"), n)
	SUBQ(Imm(4), n)
	JL(LabelRef("rest"))
	Label("four")
	for u := range 4 {
		depth(u)
	}
	advance(4)
	SUBQ(Imm(4), n)
	JGE(LabelRef("four"))
	Label("rest")
	ADDQ(Imm(4), n)
	JZ(LabelRef("store"))
	Label("one")
	depth(0)
	advance(1)
	DECQ(n)
	JNZ(LabelRef("one"))
	Label("store")
	if sumLast {
		TESTQ(init, init)
		JZ(LabelRef("alone"))
		ldi := floats("ldi")
		i3 := third(init, ldi)
		for i := range rows {
			VADDPS(rowsOf(init, i3, ldi, i, 0), acc[i][0], acc[i][0])
			VADDPS(rowsOf(init, i3, ldi, i, 32), acc[i][1], acc[i][1])
		}
		for range rows {
			ADDQ(ldi, init)
		}
		Label("alone")
	}
	for i := range rows {
		VMOVUPS(acc[i][0], rowsOf(c, c3, ldc, i, 0))
		VMOVUPS(acc[i][1], rowsOf(c, c3, ldc, i, 32))
	}
	ADDQ(tileStep, a)
	for range rows {
		ADDQ(ldc, c)
	}
	DECQ(count)
	JNZ(LabelRef("tile"))
	VZEROUPPER()
	RET()
}

// packStraight writes the copy of rows of 16 columns into several panels at once, so that whole runs of a row are read.
func packStraight() {
	TEXT("packStraightAVX", NOSPLIT, "func(dst *float32, panelStep int, b *float32, ldb, k, panels int)")
	Pragma("noescape")
	Doc("packStraightAVX copies k rows of 16*panels columns into panels that are panelStep apart; k and panels are not 0.")
	dst := Load(Param("dst"), GP64()).(reg.GPVirtual)
	step := floats("panelStep")
	b := Load(Param("b"), GP64()).(reg.GPVirtual)
	ldb := floats("ldb")
	k := Load(Param("k"), GP64())
	panels := Load(Param("panels"), GP64())
	y0, y1 := YMM(), YMM()
	Label("row")
	d, s, n := GP64(), GP64(), GP64()
	MOVQ(dst, d)
	MOVQ(b, s)
	MOVQ(panels, n)
	Label("panel")
	VMOVUPS(Mem{Base: s}, y0)
	VMOVUPS(Mem{Base: s, Disp: 32}, y1)
	VMOVUPS(y0, Mem{Base: d})
	VMOVUPS(y1, Mem{Base: d, Disp: 32})
	ADDQ(Imm(64), s)
	ADDQ(step, d)
	DECQ(n)
	JNZ(LabelRef("panel"))
	ADDQ(Imm(64), dst)
	ADDQ(ldb, b)
	DECQ(k)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// packTransposed writes the transposition of 8 rows of b into half a panel, four depths at a time.
func packTransposed() {
	TEXT("packTransposedAVX", NOSPLIT, "func(dst, b *float32, ldb, last, blocks int)")
	Pragma("noescape")
	Doc("packTransposedAVX writes 4*blocks depths of 8 rows of b side by side, 16 elements a depth; rows past the last one",
		"repeat it; blocks is not 0.")
	dst := Load(Param("dst"), GP64())
	b := Load(Param("b"), GP64())
	ldb := floats("ldb")
	last := Load(Param("last"), GP64())
	blocks := Load(Param("blocks"), GP64())
	var row [8]reg.GPVirtual
	row[0] = GP64()
	MOVQ(b, row[0])
	for i := 1; i < 8; i++ {
		row[i] = GP64()
		next := GP64()
		MOVQ(row[i-1], row[i])
		LEAQ(Mem{Base: row[i-1], Index: ldb, Scale: 1}, next)
		CMPQ(last, Imm(uint64(i)))
		CMOVQGE(next, row[i])
	}
	Label("block")
	var t [4]reg.VecVirtual
	for i := range 4 {
		x := XMM()
		VMOVUPS(Mem{Base: row[i]}, x)
		t[i] = YMM()
		VINSERTF128(Imm(1), Mem{Base: row[i+4]}, x.AsY(), t[i])
	}
	u0, u1, u2, u3 := YMM(), YMM(), YMM(), YMM()
	VUNPCKLPS(t[1], t[0], u0)
	VUNPCKHPS(t[1], t[0], u1)
	VUNPCKLPS(t[3], t[2], u2)
	VUNPCKHPS(t[3], t[2], u3)
	for i := range 4 {
		lo, hi, o := u0, u2, YMM()
		if i >= 2 {
			lo, hi = u1, u3
		}
		if i%2 == 0 {
			VUNPCKLPD(hi, lo, o)
		} else {
			VUNPCKHPD(hi, lo, o)
		}
		VMOVUPS(o, Mem{Base: dst, Disp: 64 * i})
	}
	for i := range 8 {
		ADDQ(Imm(16), row[i])
	}
	ADDQ(I32(256), dst)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// packStrips writes the copy of runs of a row into strips of 6 columns.
func packStrips() {
	TEXT("packStripsAVX", NOSPLIT, "func(dst *float32, stripStep int, a *float32, lda, k, strips int)")
	Pragma("noescape")
	Doc("packStripsAVX copies k rows of 6*strips columns into strips that are stripStep apart; k and strips are not 0.")
	dst := Load(Param("dst"), GP64()).(reg.GPVirtual)
	step := floats("stripStep")
	a := Load(Param("a"), GP64()).(reg.GPVirtual)
	lda := floats("lda")
	k := Load(Param("k"), GP64())
	strips := Load(Param("strips"), GP64())
	x := XMM()
	w := GP64()
	Label("row")
	d, s, n := GP64(), GP64(), GP64()
	MOVQ(dst, d)
	MOVQ(a, s)
	MOVQ(strips, n)
	Label("strip")
	VMOVUPS(Mem{Base: s}, x)
	MOVQ(Mem{Base: s, Disp: 16}, w)
	VMOVUPS(x, Mem{Base: d})
	MOVQ(w, Mem{Base: d, Disp: 16})
	ADDQ(Imm(24), s)
	ADDQ(step, d)
	DECQ(n)
	JNZ(LabelRef("strip"))
	ADDQ(Imm(24), dst)
	ADDQ(lda, a)
	DECQ(k)
	JNZ(LabelRef("row"))
	RET()
}

// relax writes a short wait for spinning workers.
func relax() {
	TEXT("relax", NOSPLIT, "func()")
	Doc("relax passes about 50 ns and leaves the core's execution units to others.")
	for range 4 {
		PAUSE()
	}
	RET()
}
