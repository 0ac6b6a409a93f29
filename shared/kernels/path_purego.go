//go:build !amd64 || purego

package kernels

// The assembly never runs in this build.
const avx2, avx512 = false, false

// forcePlain and forceAVX2 change nothing in this build.
func forcePlain() (restore func()) { return func() {} }

func forceAVX2() (restore func()) { return func() {} }
