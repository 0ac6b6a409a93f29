package kernels

// Path names the kernels that run: "avx2" or "purego". The results are the same.
func Path() string {
	if avx2 {
		return "avx2"
	}
	return "purego"
}
