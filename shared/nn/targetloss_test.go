package nn_test

import (
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
	"github.com/fmkit/fmkit/shared/nn"
)

// TestTargetLoss holds losses and gradients, of vectors and of the layer, to a float64 reference.
func TestTargetLoss(t *testing.T) {
	for _, c := range []struct {
		n, d, c int
		binary  bool
	}{{1, 1, 1, false}, {3, 5, 1, false}, {4, 16, 3, false}, {1, 1, 1, true}, {3, 5, 4, true}, {9, 17, 33, true}} {
		l := nn.NewTargetLoss("l", c.d, c.c, c.binary)
		copy(l.Linear.W.Value, normals(3, c.c, c.d))
		copy(l.Linear.B.Value, normals(4, c.c, 1))
		x, b := normals(1, c.n, c.d), &nn.Batch{B: c.n, T: 1}
		l.Targets = normals(2, c.n, c.c)
		for i := range l.Targets {
			if c.binary {
				l.Targets[i] = float32(i % 2)
			}
		}
		w, shift := kerneltest.Widen(l.Linear.W.Value), kerneltest.Widen(l.Linear.B.Value)
		f := func(x []float64) float64 {
			sum := 0.0
			for i := range c.n {
				for k := range c.c {
					z, target := shift[k]+dot(x[i*c.d:(i+1)*c.d], w[k*c.d:(k+1)*c.d]), float64(l.Targets[i*c.c+k])
					if c.binary {
						sum += math.Log1p(math.Exp(z)) - target*z
					} else {
						sum += (z - target) * (z - target)
					}
				}
			}
			return sum / float64(c.n*c.c)
		}
		y, dx := make([]float32, 1), normals(9, c.n, c.d)
		if err := l.Forward(y, x, b); err != nil {
			t.Fatal(err)
		}
		if want := f(kerneltest.Widen(x)); math.Abs(float64(y[0])-want) > 1e-5*max(1, want) {
			t.Errorf("%+v: loss %g, want %g", c, y[0], want)
		}
		if err := l.Backward(dx, []float32{1}, x, y, b); err != nil {
			t.Fatal(err)
		}
		checkRows(t, dx, x, c.d, f, 1e-3)
		wide := kerneltest.Widen(x)
		for i, g := range l.Linear.W.Grad {
			if want := kerneltest.Derivative(func() float64 { return f(wide) }, &w[i], step); math.Abs(float64(g)-want) > 1e-3 {
				t.Errorf("%+v: weight %d: gradient %g, want %g", c, i, g, want)
			}
		}
		for i, g := range l.Linear.B.Grad {
			if want := kerneltest.Derivative(func() float64 { return f(wide) }, &shift[i], step); math.Abs(float64(g)-want) > 1e-3 {
				t.Errorf("%+v: intercept %d: gradient %g, want %g", c, i, g, want)
			}
		}
		l.Targets = l.Targets[1:]
		if err := l.Forward(y, x, b); err == nil {
			t.Errorf("%+v: a target too few passed", c)
		}
	}
	l := nn.NewTargetLoss("l", 1, 1, true)
	l.Targets = []float32{0.5}
	if err := l.Forward(make([]float32, 1), []float32{1}, &nn.Batch{B: 1, T: 1}); err == nil {
		t.Error("a binary target of a half passed")
	}
}
