package nn

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
)

// The descent ends when no component of the gradient is larger than logisticTolerance, and after logisticSteps in any case.
const logisticTolerance, logisticSteps = 1e-5, 2000

// LogisticRegression fits l [C, D] to vectors x [N, D] of classes y [N] by multinomial logistic regression. Over vectors that are first shifted to a mean of
// zero and scaled by one number to a variance of one over all directions, it minimises
//
//	mean over i of cross-entropy(x_i Wᵀ + b, y_i) + |W|² / (2 c N)
//
// which is scikit-learn's objective with its inverse regularisation c, by Nesterov's accelerated gradient for strongly convex functions (Nesterov, 2004, section
// 2.2). Shift and scale then become part of l. Every operation is canonical, so that the bits are the same everywhere. x is overwritten.
func LogisticRegression(l *Linear, x []float32, y []int32, c float64) error {
	d, classes, n := l.In(), l.Out(), len(y)
	if n == 0 || len(x) != n*d || !(c > 0) || l.B == nil {
		return fmt.Errorf("nn: logistic regression: got %d values for %d vectors of width %d, c %g", len(x), n, d, c)
	}
	if _, err := countTargets(y, classes); err != nil {
		return fmt.Errorf("nn: logistic regression: %w", err)
	}
	mean, std := Standardize(x, n, d)
	l2 := 1 / (c * float64(n))
	lipschitz := 0.5*max(1, curvature(x, n, d)) + l2
	root := math.Sqrt(l2 / lipschitz)
	step, momentum := float32(1/lipschitz), float32((1-root)/(1+root))

	size := classes * d
	at, ahead, before := make([]float32, size+classes), make([]float32, size+classes), make([]float32, size+classes) // W, then b; momentum leads ahead
	gradient := make([]float32, size+classes)
	logits, dlogits, losses := kernels.Make[float32](n*classes), kernels.Make[float32](n*classes), make([]float32, n)
	for range logisticSteps {
		kernels.MatMulNTBias(logits, x, ahead[:size], ahead[size:], n, classes, d)
		kernels.CrossEntropy(dlogits, losses, logits, y, 1/float32(n), n, classes)
		clear(gradient)
		kernels.MatMulTN(gradient[:size], dlogits, x, classes, d, n, false)
		kernels.ColumnSum(gradient[size:], dlogits, n, classes)
		kernels.AddScaled(gradient[:size], ahead, float32(l2))
		if largest(gradient) <= logisticTolerance {
			break
		}
		copy(before, at)
		copy(at, ahead)
		kernels.AddScaled(at, gradient, -step)
		copy(ahead, at)
		kernels.AddScaled(ahead, at, momentum)
		kernels.AddScaled(ahead, before, -momentum)
	}
	w, b := at[:size], at[size:]
	for i := range classes {
		row := w[i*d : (i+1)*d]
		kernels.Scale(row, 1/std)
		var shift float64
		for j, v := range row {
			shift += float64(float64(v) * float64(mean[j]))
		}
		b[i] -= float32(shift)
	}
	copy(l.W.Value, w)
	copy(l.B.Value, b)
	return nil
}

// curvature is a little more than the largest eigenvalue of xᵀx/N, by power iteration.
func curvature(x []float32, n, d int) float64 {
	g := make([]float32, d*d)
	kernels.MatMulTN(g, x, x, d, d, n, false)
	kernels.Scale(g, 1/float32(n))
	v, next := make([]float32, d), make([]float32, d)
	for i := range v {
		v[i] = float32(1 + i%3)
	}
	var value float64
	for range 50 {
		norm := math.Sqrt(kernels.SumSquares(v))
		if norm == 0 {
			return 0
		}
		kernels.Scale(v, float32(1/norm))
		kernels.MatMul(next, v, g, 1, d, d, false)
		value = math.Sqrt(kernels.SumSquares(next))
		v, next = next, v
	}
	return 1.1 * value
}

// largest is the greatest absolute value of x.
func largest(x []float32) float32 {
	var m float32
	for _, v := range x {
		m = max(m, v, -v)
	}
	return m
}
