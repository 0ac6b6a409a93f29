package kerneltest

import (
	"math"
	"testing"
)

// Derivative is the central difference of f by x, which f reads. Its error is about step².
func Derivative(f func() float64, x *float64, step float64) float64 {
	was := *x
	*x = was + step
	up := f()
	*x = was - step
	down := f()
	*x = was
	return (up - down) / (2 * step)
}

// CheckGradient compares a gradient with the central differences of f at x, which f reads.
func CheckGradient(t *testing.T, name string, got []float32, x []float64, f func() float64, step, tolerance float64) {
	t.Helper()
	for i := range x {
		if want := Derivative(f, &x[i], step); !(math.Abs(float64(got[i])-want) <= tolerance) {
			t.Fatalf("%s[%d]: got %g, want %g", name, i, got[i], want)
		}
	}
}

// Widen gives values as float64, for a reference.
func Widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
