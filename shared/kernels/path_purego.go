//go:build !amd64 || purego

package kernels

// avx2 says that the assembly runs: never in this build.
const avx2 = false

// forcePlain changes nothing in this build.
func forcePlain() (restore func()) { return func() {} }
