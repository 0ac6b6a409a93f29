package kernels

import (
	"fmt"
	"os"
)

// The environment variable that picks the kernels at start, and its values. Where the processor or the build cannot do what it asks for, the
// next lesser kernels run.
const (
	pathVariable = "FMKIT_KERNELS"
	pathPlain    = "purego"
	pathAVX2     = "avx2"
	pathAVX512   = "avx512"
)

// asked is the value of the variable at start, empty if it is not set.
var asked = os.Getenv(pathVariable)

// Path names the kernels that run: "avx512", "avx2" or "purego". The results are the same.
func Path() string {
	switch {
	case avx512:
		return pathAVX512
	case avx2:
		return pathAVX2
	}
	return pathPlain
}

// CheckPath returns an error if the variable FMKIT_KERNELS was set to something that names no kernels at start. Those run
// then that would without it, so a program that starts should ask and stop.
func CheckPath() error { return checkPath(asked) }

func checkPath(value string) error {
	switch value {
	case "", pathPlain, pathAVX2, pathAVX512:
		return nil
	}
	return fmt.Errorf("kernels: %s: got %.40q, want %s, %s or %s", pathVariable, value, pathPlain, pathAVX2, pathAVX512)
}
