package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// columns writes the kernels of columnsum.go.
func columns() {
	columnSum("columnSumAVX", "func(dst, x *float32, n, c int)", "columnSumPlain for 32 columns and n rows", 4, false)
	columnSum("columnSumNarrowAVX", "func(dst, x *float32, n, c, width int)",
		"columnSumPlain for width columns, at most 8, and n rows", 1, true)
}

func columnSum(name, signature, doc string, blocks int, narrow bool) {
	text(name, signature, doc)
	dst, x := Load(Param("dst"), GP64()), Load(Param("x"), GP64())
	n, stride := Load(Param("n"), GP64()), Load(Param("c"), GP64())
	SHLQ(Imm(2), stride)
	at := GP64().(reg.GPVirtual)
	XORQ(at, at)
	b := strip(at, blocks, narrow)
	var s []reg.VecVirtual
	for i := range b {
		s = append(s, b[i].load(dst))
	}
	Label("row")
	for i := range b {
		VADDPS(b[i].load(x), s[i], s[i])
	}
	ADDQ(stride, x)
	DECQ(n)
	JNZ(LabelRef("row"))
	for i := range b {
		b[i].store(s[i], dst)
	}
	done()
}
