package kernels

import (
	"fmt"
	"math"
	"testing"
)

const (
	// GELU in both forms and SiLU are products of a number and a probability within 2e-7.
	activationTolerance = 3e-7
	// Derivatives are sums of two such products, and the argument of exp loses up to 1e-6 of itself.
	activationGradTolerance = 1e-6
)

func TestActivations(t *testing.T) {
	logistic64 := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for _, c := range []struct {
		name     string
		forward  func(y, x []float32)
		backward func(dx, dy, x []float32)
		want     func(x float64) float64
	}{
		{"GELU", GELU, GELUBackward, func(x float64) float64 { return x * 0.5 * math.Erfc(-x/math.Sqrt2) }},
		{"GELUTanh", GELUTanh, GELUTanhBackward, func(x float64) float64 {
			return 0.5 * x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
		}},
		{"SiLU", SiLU, SiLUBackward, func(x float64) float64 { return x * logistic64(x) }},
		{"ReLU", ReLU, ReLUBackward, func(x float64) float64 { return math.Max(x, 0) }},
		{"TanhForward", TanhForward, func(dx, dy, x []float32) {
			y := make([]float32, len(x))
			TanhForward(y, x)
			TanhBackward(dx, dy, y)
		}, math.Tanh},
	} {
		var x []float32
		for v := float32(-14); v < 14; v += 0.00731 {
			x = append(x, v)
		}
		x = append(x, 1e-30, -1e-30, 50, -50)
		y, dx, dy := make([]float32, len(x)), make([]float32, len(x)), make([]float32, len(x))
		var want, slope []float64
		for i, v := range x {
			dy[i] = 1
			want = append(want, c.want(float64(v)))
			if c.name == "ReLU" && math.Abs(float64(v)) < gradientStep {
				slope = append(slope, float64((1+copysign(1, v))/2)) // the kink
				continue
			}
			slope = append(slope, (c.want(float64(v)+gradientStep)-c.want(float64(v)-gradientStep))/(2*gradientStep))
		}
		c.forward(y, x)
		near(t, c.name, y, want, activationTolerance)
		c.backward(dx, dy, x)
		near(t, c.name+" slope", dx, slope, activationGradTolerance)
		for i := range dy {
			dy[i] = -0.5
		}
		c.backward(dy, dy, x)
		for i := range dy {
			if dy[i] != -0.5*dx[i] {
				t.Fatalf("%s: gradient %d does not scale with dy: %v, %v", c.name, i, dy[i], dx[i])
			}
		}
	}
}

// TestActivationLimits checks what comes of infinities and NaN.
func TestActivationLimits(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		name string
		f    func(y, x []float32)
		want []float32 // of +Inf, -Inf, NaN
	}{
		{"GELU", GELU, []float32{inf, nan, nan}}, // -Inf times 0 is NaN in PyTorch too
		{"ReLU", ReLU, []float32{inf, 0, nan}},
		{"TanhForward", TanhForward, []float32{1, -1, nan}},
		{"SiLU", SiLU, []float32{inf, nan, nan}},
	} {
		y := make([]float32, 3)
		c.f(y, []float32{inf, -inf, nan})
		equalBits(t, c.name, y, c.want)
	}
}

func ExampleGELU() {
	x := []float32{-1, 0, 1}
	GELU(x, x)
	fmt.Printf("%.4f\n", x)
	// Output: [-0.1587 0.0000 0.8413]
}
