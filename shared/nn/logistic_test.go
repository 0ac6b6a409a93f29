package nn

import (
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/random"
)

// TestLogisticRegression: at the solution the gradient of the objective is zero, by an independent computation in float64.
func TestLogisticRegression(t *testing.T) {
	const n, d, classes = 60, 7, 4
	for _, c := range []float64{0.03, 0.3, 3} {
		r := random.New(1)
		x, y := make([]float32, n*d), make([]int32, n)
		for i := range y {
			y[i] = int32(r.IntN(classes))
			for j := range d {
				x[i*d+j] = 3 + 0.5*float32(r.Normal()) + 0.2*float32(int(y[i])*j%5)
			}
		}
		l := NewLinear("l", d, classes)
		scaled := append([]float32(nil), x...)
		if err := LogisticRegression(l, scaled, y, c); err != nil {
			t.Fatal(err)
		}
		mean, std := make([]float64, d), 0.0
		for i, v := range x {
			mean[i%d] += float64(v) / n
		}
		for i, v := range x {
			std += (float64(v) - mean[i%d]) * (float64(v) - mean[i%d]) / float64(len(x))
		}
		std = math.Sqrt(std)
		gradient, shift := make([]float64, classes*d), make([]float64, classes)
		for i := range n {
			p, sum := make([]float64, classes), 0.0
			for k := range p {
				p[k] = float64(l.B.Value[k])
				for j := range d {
					p[k] += float64(l.W.Value[k*d+j]) * float64(x[i*d+j])
				}
				p[k] = math.Exp(p[k])
				sum += p[k]
			}
			for k := range p {
				p[k] /= sum
				if k == int(y[i]) {
					p[k]--
				}
				shift[k] += p[k] / n
				for j := range d {
					gradient[k*d+j] += p[k] * (float64(x[i*d+j]) - mean[j]) / std / n
				}
			}
		}
		for i := range gradient {
			if g := gradient[i] + float64(l.W.Value[i])*std/(c*n); math.Abs(g) > 1e-4 {
				t.Errorf("C %g: weight %d: the gradient is %g, want 0", c, i, g)
			}
		}
		for k, g := range shift {
			if math.Abs(g) > 1e-4 {
				t.Errorf("C %g: intercept %d: the gradient is %g, want 0", c, k, g)
			}
		}
	}
}

func TestLogisticRegressionRefuses(t *testing.T) {
	for name, try := range map[string]func() error{
		"no vectors": func() error { return LogisticRegression(NewLinear("l", 2, 2), nil, nil, 1) },
		"width":      func() error { return LogisticRegression(NewLinear("l", 2, 2), make([]float32, 3), []int32{0, 1}, 1) },
		"class":      func() error { return LogisticRegression(NewLinear("l", 2, 2), make([]float32, 4), []int32{0, 2}, 1) },
		"c":          func() error { return LogisticRegression(NewLinear("l", 2, 2), make([]float32, 4), []int32{0, 1}, 0) },
	} {
		if try() == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}
