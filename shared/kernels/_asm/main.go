// Command asm writes the AVX2 assembly of package kernels, one family of kernels at a time:
//
//	go run . -kernel gemm
//
// writes ../gemm_amd64.s and ../gemm_stubs_amd64.go. It is a module of its own, so that no user of the kernels needs
// the generator; go generate in the package above runs it.
package main

import (
	"flag"
	"fmt"
	"os"

	. "github.com/mmcloughlin/avo/build"
)

var families = map[string]func(){
	"gemm":      gemm,
	"gemm512":   gemm512,
	"thin512":   thin512,
	"attention": attention,
	"rows":      rows,
	"pixels":    pixels,
}

func main() {
	kernel := flag.String("kernel", "", "family of kernels to write: gemm, gemm512, thin512, attention, rows or pixels")
	flag.Parse()
	write, ok := families[*kernel]
	if !ok {
		fmt.Fprintf(os.Stderr, "asm: unknown kernel %q\n", *kernel)
		os.Exit(2)
	}
	for name, value := range map[string]string{
		"out": "../" + *kernel + "_amd64.s", "stubs": "../" + *kernel + "_stubs_amd64.go", "pkg": "kernels",
	} {
		if err := flag.Set(name, value); err != nil {
			fmt.Fprintln(os.Stderr, "asm:", err)
			os.Exit(1)
		}
	}
	ConstraintExpr("!purego")
	write()
	Generate()
}
