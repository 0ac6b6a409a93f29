package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// columns writes the kernel of columnsum.go: eight rows at a time, so that memory is read along the rows.
func columns() {
	text("columnSumAVX", "func(dst []float32, x *float32, c int)", "columnSumPlain for 8 rows")
	n, dst, x, c := length("dst"), base("dst"), Load(Param("x"), GP64()), Load(Param("c"), GP64())
	row := rowPointers(x, c, 8)
	sweep("loop", n, 1, func(_ int, b block) {
		s := b.load(dst)
		for _, p := range row {
			if b.mask == nil {
				VADDPS(b.of(p), s, s)
			} else {
				VADDPS(b.load(p), s, s)
			}
		}
		b.store(s, dst)
	})
	done()
}

// rowPointers returns the starts of n rows, stride floats apart, from the first; stride is spoilt.
func rowPointers(first, stride reg.Register, n int) []reg.Register {
	SHLQ(Imm(2), stride)
	row := []reg.Register{first}
	for len(row) < n {
		p := GP64()
		LEAQ(Mem{Base: row[len(row)-1], Index: stride, Scale: 1}, p)
		row = append(row, p)
	}
	return row
}
