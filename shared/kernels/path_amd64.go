//go:build amd64 && !purego

package kernels

import "golang.org/x/sys/cpu"

// avx2 says that the assembly runs, avx512 that its wide matrix products do. They are set at start and changed by tests
// only.
var (
	avx2   = cpu.X86.HasAVX2 && cpu.X86.HasFMA && asked != pathPlain
	avx512 = avx2 && cpu.X86.HasAVX512F && cpu.X86.HasAVX512VL && cpu.X86.HasBMI2 && asked != pathAVX2
)

// forcePlain makes every kernel run its plain Go form until restore is called, forceAVX2 all but the AVX-512 forms. For
// tests, with no kernel running.
func forcePlain() (restore func()) { return force(false, false) }

func forceAVX2() (restore func()) { return force(avx2, false) }

func force(narrow, wide bool) (restore func()) {
	was, wasWide := avx2, avx512
	avx2, avx512 = narrow, wide
	return func() { avx2, avx512 = was, wasWide }
}
