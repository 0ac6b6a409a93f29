package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// wideRows is the height of an AVX-512 tile: 28 accumulators, two columns of the panels and two broadcasts.
const wideRows = 14

// gemm512 writes the AVX-512 micro-kernels: up to 14 rows by one or two panels.
func gemm512() {
	for panels := 2; panels >= 1; panels-- {
		wideTile(panels, true)
		wideTile(panels, false)
	}
	TEXT("wideSumLast2", NOSPLIT, "func(count, k int, a *float32, rowStep, tileStep int, b *float32, panelStep int, c *float32, ldc int, init *float32, ldi int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("wideSumLast2 computes count tiles of %d x 32 outputs as wideRows2 does; init is added at the end.", wideRows))
	wideBody(wideRows, 2, true, "rowStep", true)
	packStrips512()
}

// wideTile writes the kernel of rows x (16*panels) outputs for every number of rows from 1 to 14. It does what tile does.
func wideTile(panels int, contiguous bool) {
	name, step := fmt.Sprintf("wideRows%d", panels), "rowStep"
	if !contiguous {
		name, step = fmt.Sprintf("wideStrip%d", panels), "depthStep"
	}
	TEXT(name, NOSPLIT, fmt.Sprintf("func(rows, count, k int, a *float32, %s, tileStep int, b *float32, panelStep int, c *float32, ldc int, init *float32, ldi int)", step))
	Pragma("noescape")
	if contiguous {
		Doc(fmt.Sprintf("%s computes count tiles of rows x %d outputs, rows at most 14; a row of a is contiguous, rows are rowStep apart.", name, 16*panels))
	} else {
		Doc(fmt.Sprintf("%s computes count tiles of rows x %d outputs, rows at most 14; the rows of a are side by side, depths are depthStep apart.", name, 16*panels))
	}
	byRows(func(rows int) { wideBody(rows, panels, contiguous, step, false) })
}

// byRows writes body for every number of rows from 1 to 14 and the choice by the parameter rows.
func byRows(body func(rows int)) {
	n := Load(Param("rows"), GP64())
	for rows := wideRows; rows > 1; rows-- {
		CMPQ(n, Imm(uint64(rows)))
		JE(LabelRef(fmt.Sprintf("rows%d", rows)))
	}
	for rows := 1; rows <= wideRows; rows++ {
		Label(fmt.Sprintf("rows%d", rows))
		body(rows)
	}
}

// wideBody starts the chains from init or, with sumLast, from zero, when init is added at the end: the twin that the cost of the canonical order is
// measured with.
func wideBody(rows, panels int, contiguous bool, step string, sumLast bool) {
	label := func(s string) string { return fmt.Sprintf("%s%d", s, rows) }
	a := Load(Param("a"), GP64()).(reg.GPVirtual)
	stride := floats(step)
	panelStep := floats("panelStep")
	c := Load(Param("c"), GP64()).(reg.GPVirtual)
	init := Load(Param("init"), GP64()).(reg.GPVirtual)
	acc := wideSums(rows, panels)

	Label(label("tile"))
	if !sumLast {
		wideInit(acc, init, label)
	} else {
		wideZero(acc)
	}
	wideReach(acc, c)
	wideDepths(acc, a, stride, panelStep, "b", "k", contiguous, label)
	if sumLast {
		TESTQ(init, init)
		JZ(LabelRef(label("alone")))
		ldi := floats("ldi")
		for i := range acc {
			for j := range acc[i] {
				VADDPS(Mem{Base: init, Disp: 64 * j}, acc[i][j], acc[i][j])
			}
			ADDQ(ldi, init)
		}
		Label(label("alone"))
	}
	wideStore(acc, c)
	tileStep := floats("tileStep")
	ADDQ(tileStep, a)
	nextTile(label)
}

// wideSums gives the accumulators of rows by panels.
func wideSums(rows, panels int) [][]reg.VecVirtual {
	acc := make([][]reg.VecVirtual, rows)
	for i := range acc {
		for range panels {
			acc[i] = append(acc[i], ZMM())
		}
	}
	return acc
}

func wideZero(acc [][]reg.VecVirtual) {
	for i := range acc {
		for j := range acc[i] {
			VPXORD(acc[i][j], acc[i][j], acc[i][j])
		}
	}
}

// wideInit starts the chains at init, which it moves on by the rows of the tile, or at zero where there is none.
func wideInit(acc [][]reg.VecVirtual, init reg.GPVirtual, label func(string) string) {
	TESTQ(init, init)
	JZ(LabelRef(label("zero")))
	ldi := floats("ldi")
	for i := range acc {
		for j := range acc[i] {
			VMOVUPS(Mem{Base: init, Disp: 64 * j}, acc[i][j])
		}
		ADDQ(ldi, init)
	}
	JMP(LabelRef(label("start")))
	Label(label("zero"))
	wideZero(acc)
	Label(label("start"))
}

// wideReach asks for the lines of c: by when the tile is done they are there to be written, which saves 10 % at a depth of 256.
func wideReach(acc [][]reg.VecVirtual, c reg.GPVirtual) {
	if len(acc) <= 4 {
		return
	}
	line := GP64()
	MOVQ(c, line)
	step := floats("ldc")
	for i := range acc {
		for j := range acc[i] {
			PREFETCHT0(Mem{Base: line, Disp: 64 * j})
		}
		if i+1 < len(acc) {
			ADDQ(step, line)
		}
	}
}

// tileRows points at every third row of a, whose rows are stride bytes apart, and gives the address of a row at a depth.
func tileRows(a, stride reg.GPVirtual, rows int) (p []reg.GPVirtual, at func(i, u int) Mem) {
	for i := 0; i < rows; i += 3 {
		q := GP64()
		if i == 0 {
			MOVQ(a, q)
		} else {
			LEAQ(Mem{Base: p[len(p)-1], Index: stride, Scale: 2}, q)
			ADDQ(stride, q)
		}
		p = append(p, q)
	}
	return p, func(i, u int) Mem {
		m := Mem{Base: p[i/3], Disp: 4 * u}
		if i%3 > 0 {
			m.Index, m.Scale = stride, uint8(i%3)
		}
		return m
	}
}

// wideDepths takes the chains over the depths of a, whose number and whose panels are parameters of the given names.
func wideDepths(acc [][]reg.VecVirtual, a, stride, panelStep reg.GPVirtual, panels, depths string, contiguous bool, label func(string) string) {
	rows := len(acc)
	b := [2]reg.VecVirtual{ZMM(), ZMM()}
	t := [2]reg.VecVirtual{ZMM(), ZMM()}
	if !contiguous {
		rows = 1
	}
	p, at := tileRows(a, stride, rows)
	if !contiguous {
		at = func(i, _ int) Mem { return Mem{Base: p[0], Disp: 4 * i} }
	}
	pb := Load(Param(panels), GP64()).(reg.GPVirtual)
	depth := func(u int) {
		VMOVUPS(Mem{Base: pb, Disp: 64 * u}, b[0])
		if len(acc[0]) == 2 {
			VMOVUPS(Mem{Base: pb, Index: panelStep, Scale: 1, Disp: 64 * u}, b[1])
		}
		for i := range acc {
			VBROADCASTSS(at(i, u), t[i%2])
			for j := range acc[i] {
				VFMADD231PS(b[j], t[i%2], acc[i][j])
			}
		}
		if !contiguous {
			ADDQ(stride, p[0])
		}
	}
	inPairs(depths, label, depth, func(u int) {
		ADDQ(I32(64*u), pb)
		if contiguous {
			for _, q := range p {
				ADDQ(Imm(uint64(4*u)), q)
			}
		}
	})
}

// inPairs writes a loop over as many depths as the parameter says, two at a time.
func inPairs(depths string, label func(string) string, depth, advance func(u int)) {
	n := GP64()
	Load(Param(depths), n)
	SUBQ(Imm(2), n)
	JL(LabelRef(label("rest")))
	Label(label("two"))
	for u := range 2 {
		depth(u)
	}
	advance(2)
	SUBQ(Imm(2), n)
	JGE(LabelRef(label("two")))
	Label(label("rest"))
	ADDQ(Imm(2), n)
	JZ(LabelRef(label("store")))
	depth(0)
	Label(label("store"))
}

// wideStore writes the accumulators to c, which it moves on by the rows of the tile.
func wideStore(acc [][]reg.VecVirtual, c reg.GPVirtual) {
	ldc := floats("ldc")
	for i := range acc {
		for j := range acc[i] {
			VMOVUPS(acc[i][j], Mem{Base: c, Disp: 64 * j})
		}
		ADDQ(ldc, c)
	}
}

// nextTile goes back to the label tile until count tiles are done, and returns.
func nextTile(label func(string) string) {
	count := Load(Param("count"), GP64())
	DECQ(count)
	Store(count, Param("count"))
	JNZ(LabelRef(label("tile")))
	VZEROUPPER()
	RET()
}

// packStrips512 writes the copy of runs of a row into strips of at most 16 columns.
func packStrips512() {
	TEXT("packStripsWide", NOSPLIT, "func(dst *float32, stripStep int, a *float32, lda, k, strips, width, lanes int)")
	Pragma("noescape")
	Doc("packStripsWide copies the first lanes of every width columns of k rows into strips that are stripStep apart; width is",
		"at most 16, k, strips and lanes are not 0. It writes up to 16 elements past the end of a strip.")
	dst := Load(Param("dst"), GP64()).(reg.GPVirtual)
	step := floats("stripStep")
	a := Load(Param("a"), GP64()).(reg.GPVirtual)
	lda := floats("lda")
	k := Load(Param("k"), GP64())
	strips := Load(Param("strips"), GP64())
	width := Load(Param("width"), GP64()).(reg.GPVirtual)
	ones := GP32()
	MOVL(U32(0xffff), ones)
	shift := GP64()
	MOVQ(U32(16), shift)
	lanes := Load(Param("lanes"), GP64())
	SUBQ(lanes, shift)
	SHRXL(shift.As32(), ones, ones)
	mask := K()
	KMOVW(ones, mask)
	SHLQ(Imm(2), width)
	z := ZMM()
	Label("row")
	d, s, n := GP64(), GP64(), GP64()
	MOVQ(dst, d)
	MOVQ(a, s)
	MOVQ(strips, n)
	Label("strip")
	VMOVUPS_Z(Mem{Base: s}, mask, z)
	VMOVUPS(z, Mem{Base: d})
	ADDQ(width, s)
	ADDQ(step, d)
	DECQ(n)
	JNZ(LabelRef("strip"))
	ADDQ(width, dst)
	ADDQ(lda, a)
	DECQ(k)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}
