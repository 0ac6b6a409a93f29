//go:build !amd64 || purego

package kernels

func add(y, x []float32)                  { addPlain(y, x) }
func scale(x []float32, s float32)        { scalePlain(x, s) }
func addScaled(y, x []float32, s float32) { addScaledPlain(y, x, s) }
func mulAdd(y, a, b []float32)            { mulAddPlain(y, a, b) }
func mul(y, a, b []float32)               { mulPlain(y, a, b) }
