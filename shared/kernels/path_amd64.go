//go:build amd64 && !purego

package kernels

import (
	"os"

	"golang.org/x/sys/cpu"
)

// The environment variable that picks the plain Go kernels at start, and the value that does.
const (
	pathVariable = "FMKIT_KERNELS"
	pathPlain    = "purego"
)

// avx2 says that the assembly runs. It is set at start and changed by tests only.
var avx2 = cpu.X86.HasAVX2 && cpu.X86.HasFMA && os.Getenv(pathVariable) != pathPlain

// forcePlain makes every kernel run its plain Go form until restore is called. For tests, with no kernel running.
func forcePlain() (restore func()) {
	was := avx2
	avx2 = false
	return func() { avx2 = was }
}
