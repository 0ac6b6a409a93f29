package kernels

// Path names the kernels that run: "avx512", "avx2" or "purego". The results are the same.
func Path() string {
	switch {
	case avx512:
		return "avx512"
	case avx2:
		return "avx2"
	}
	return "purego"
}
