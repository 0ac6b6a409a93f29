package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// thin512 writes the AVX-512 kernels of products with a side of a few elements, as low-rank changes have them.
func thin512() {
	pair()
	eight()
	flat()
}

// pair writes wideRows2 with chains that go over two products.
func pair() {
	TEXT("widePair", NOSPLIT, "func(rows, count, k int, a *float32, rowStep, tileStep int, b *float32, panelStep int, k2 int, a2 *float32, rowStep2, tileStep2 int, b2 *float32, panelStep2 int, c *float32, ldc int, init *float32, ldi int)")
	Pragma("noescape")
	Doc("widePair computes count tiles of rows x 32 outputs as wideRows2 does, whose chains go on over a second product.")
	byRows(func(rows int) {
		label := func(s string) string { return fmt.Sprintf("%s%d", s, rows) }
		c := Load(Param("c"), GP64()).(reg.GPVirtual)
		init := Load(Param("init"), GP64()).(reg.GPVirtual)
		acc := wideSums(rows, 2)
		Label(label("tile"))
		wideInit(acc, init, label)
		wideReach(acc, c)
		for _, n := range []string{"", "2"} {
			a := Load(Param("a"+n), GP64()).(reg.GPVirtual)
			wideDepths(acc, a, floats("rowStep"+n), floats("panelStep"+n), "b"+n, "k"+n, true, func(s string) string { return label(s + n + "x") })
			ADDQ(floats("tileStep"+n), a)
			Store(a, Param("a"+n))
		}
		wideStore(acc, c)
		nextTile(label)
	})
}

// eight writes the kernel of 8 columns: a row's outputs are half a register, and each multiply-add takes its element of a from memory.
func eight() {
	TEXT("wideEight", NOSPLIT, "func(rows, count, k int, a *float32, rowStep, tileStep int, b *float32, c *float32, ldc int, init *float32, ldi int)")
	Pragma("noescape")
	Doc("wideEight computes count tiles of rows x 8 outputs, rows at most 14; a row of a is contiguous, rows are rowStep apart; b is the first half of a panel.")
	byRows(func(rows int) {
		label := func(s string) string { return fmt.Sprintf("%s%d", s, rows) }
		a := Load(Param("a"), GP64()).(reg.GPVirtual)
		stride := floats("rowStep")
		c := Load(Param("c"), GP64()).(reg.GPVirtual)
		init := Load(Param("init"), GP64()).(reg.GPVirtual)
		acc := make([]reg.VecVirtual, rows)
		for i := range acc {
			acc[i] = YMM()
		}
		Label(label("tile"))
		TESTQ(init, init)
		JZ(LabelRef(label("zero")))
		ldi := floats("ldi")
		for i := range acc {
			VMOVUPS(Mem{Base: init}, acc[i])
			ADDQ(ldi, init)
		}
		JMP(LabelRef(label("start")))
		Label(label("zero"))
		for i := range acc {
			VPXORD(acc[i], acc[i], acc[i])
		}
		Label(label("start"))
		p, at := tileRows(a, stride, rows)
		pb := Load(Param("b"), GP64()).(reg.GPVirtual)
		b := [2]reg.VecVirtual{YMM(), YMM()}
		inPairs("k", label, func(u int) {
			VMOVUPS(Mem{Base: pb, Disp: 64 * u}, b[u])
			for i := range acc {
				VFMADD231PS_BCST(at(i, u), b[u], acc[i])
			}
		}, func(u int) {
			ADDQ(I32(64*u), pb)
			for _, q := range p {
				ADDQ(Imm(uint64(4*u)), q)
			}
		})
		ldc := floats("ldc")
		for i := range acc {
			VMOVUPS(acc[i], Mem{Base: c})
			ADDQ(ldc, c)
		}
		ADDQ(floats("tileStep"), a)
		nextTile(label)
	})
}

// flat writes the kernel of few rows whose operands are read where they lie.
func flat() {
	TEXT("wideFlat", NOSPLIT, "func(rows, count, k int, a *float32, depthStep int, b *float32, ldb int, c *float32, ldc int)")
	Pragma("noescape")
	Doc("wideFlat adds to count tiles beside each other, of rows x 32 outputs, rows at most 14; the rows of a are side by side, depths are depthStep apart in a and ldb in b.")
	byRows(func(rows int) {
		label := func(s string) string { return fmt.Sprintf("%s%d", s, rows) }
		a := Load(Param("a"), GP64())
		depthStep, ldb, ldc := floats("depthStep"), floats("ldb"), floats("ldc")
		b := Load(Param("b"), GP64()).(reg.GPVirtual)
		c := Load(Param("c"), GP64()).(reg.GPVirtual)
		acc := wideSums(rows, 2)
		x := [2]reg.VecVirtual{ZMM(), ZMM()}
		t := [2]reg.VecVirtual{ZMM(), ZMM()}
		Label(label("tile"))
		q := GP64()
		MOVQ(c, q)
		for i := range acc {
			for j := range acc[i] {
				VMOVUPS(Mem{Base: q, Disp: 64 * j}, acc[i][j])
			}
			ADDQ(ldc, q)
		}
		pa, pb := GP64(), GP64()
		MOVQ(a, pa)
		MOVQ(b, pb)
		inPairs("k", label, func(int) {
			for j := range x {
				VMOVUPS(Mem{Base: pb, Disp: 64 * j}, x[j])
				PREFETCHT0(Mem{Base: pb, Disp: 128 + 64*j}) // of the next tile
			}
			for i := range acc {
				VBROADCASTSS(Mem{Base: pa, Disp: 4 * i}, t[i%2])
				for j := range x {
					VFMADD231PS(x[j], t[i%2], acc[i][j])
				}
			}
			ADDQ(depthStep, pa)
			ADDQ(ldb, pb)
		}, func(int) {})
		MOVQ(c, q)
		for i := range acc {
			for j := range acc[i] {
				VMOVUPS(acc[i][j], Mem{Base: q, Disp: 64 * j})
			}
			ADDQ(ldc, q)
		}
		ADDQ(Imm(128), b)
		ADDQ(Imm(128), c)
		nextTile(label)
	})
}
