package nn

import (
	"fmt"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/kernels"
)

// RidgePenalties are those that RidgeRegression chooses from: a decade in two steps.
func RidgePenalties() []float64 {
	return []float64{1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1, 3, 10}
}

// A RidgeFit is what is known of a ridge regression besides its weights.
type RidgeFit struct {
	Penalty  float64   // the one given, or chosen
	LeftOut  []float32 // [N, C] what is predicted for every vector by the regression over all others
	Squared  float64   // mean of the squared errors of LeftOut
	Variance float64   // of the targets around their means, in the same measure: what predicting the mean costs
}

// RidgeRegression fits l [C, D] to vectors x [N, D] with targets y [N, C] by least squares. Over vectors that are first shifted to a mean of zero and scaled by
// one number to a variance of one over all directions, it minimises
//
//	mean over i of |x_i Wᵀ + b - y_i|² + penalty |W|²
//
// by Cholesky's factorisation in float64; this is scikit-learn's Ridge with alpha = penalty N. A penalty of 0 is chosen from RidgePenalties by the mean squared error of
// leaving one out, which a ridge regression gives without fitting again: e_i / (1 - h_i), with h_i the diagonal of its hat matrix (Golub, Heath and Wahba, 1979; RidgeCV).
// Shift and scale then become part of l. It is canonical. x is overwritten.
func RidgeRegression(l *Linear, x, y []float32, n int, penalty float64) (*RidgeFit, error) {
	d, c := l.In(), l.Out()
	if n < 2 || len(x) != n*d || len(y) != n*c || !(penalty >= 0) || math.IsInf(penalty, 1) || l.B == nil {
		return nil, fmt.Errorf("nn: ridge: got %d values for %d vectors of width %d, %d targets for %d outputs, penalty %g", len(x), n, d, len(y), c, penalty)
	}
	mean, std := Standardize(x, n, d)
	y = slices.Clone(y)
	targets := centre(y, n, c)
	r := newRidge(x, y, n, d, c)
	penalties := RidgePenalties()
	if penalty > 0 {
		penalties = []float64{penalty}
	}
	best := &RidgeFit{Squared: math.Inf(1)}
	for _, p := range penalties {
		if err := r.factor(p); err != nil {
			return nil, fmt.Errorf("nn: ridge: penalty %g: %w", p, err)
		}
		f := r.leaveOut(p)
		if f.Squared < best.Squared {
			best = f
		}
	}
	if best.LeftOut == nil {
		return nil, fmt.Errorf("nn: ridge: the vectors or targets are not finite")
	}
	if err := r.factor(best.Penalty); err != nil {
		return nil, fmt.Errorf("nn: ridge: penalty %g: %w", best.Penalty, err)
	}
	best.Variance = kernels.SumSquares(y) / float64(n*c)
	for i := range best.LeftOut {
		best.LeftOut[i] += targets[i%c]
	}
	w := make([]float64, d)
	for k := range c {
		for j := range w {
			w[j] = float64(r.xy[j*c+k])
		}
		solveCholesky(w, r.lower, d)
		shift := float64(targets[k])
		for j, v := range w {
			v /= float64(std)
			l.W.Value[k*d+j] = float32(v)
			shift -= float64(v * float64(mean[j]))
		}
		l.B.Value[k] = float32(shift)
	}
	return best, nil
}

// centre shifts the columns of y [N, C] to means of zero and returns the means [C].
func centre(y []float32, n, c int) []float32 {
	mean := make([]float32, c)
	kernels.ColumnSum(mean, y, n, c)
	kernels.Scale(mean, 1/float32(n))
	for i := range n {
		kernels.AddScaled(y[i*c:(i+1)*c], mean, -1)
	}
	return mean
}

// ridge is the state of one regression.
type ridge struct {
	n, d, c     int
	x, y        []float32 // [N, D], [N, C], columns with means of zero
	xx, lower   []float64 // [D, D] xᵀx/N; its factor with the penalty
	inverse     []float64 // [D, D] of lower
	xy          []float32 // [D, C] xᵀy/N
	m, u, p     []float32 // [D, D] inverse; [N, D] x mᵀ; [D, C] uᵀy/N
	predictions []float32 // [N, C]
}

func newRidge(x, y []float32, n, d, c int) *ridge {
	r := &ridge{
		n: n, d: d, c: c, x: x, y: y, xx: make([]float64, d*d), lower: make([]float64, d*d), inverse: make([]float64, d*d),
		xy: make([]float32, d*c), m: make([]float32, d*d), u: kernels.Make[float32](n * d), p: make([]float32, d*c), predictions: kernels.Make[float32](n * c),
	}
	kernels.MatMulTN(r.m, x, x, d, d, n, false)
	for i, v := range r.m {
		r.xx[i] = float64(v) / float64(n)
	}
	kernels.MatMulTN(r.xy, x, y, d, c, n, false)
	kernels.Scale(r.xy, 1/float32(n))
	return r
}

// factor factors xᵀx/N with the penalty on its diagonal.
func (r *ridge) factor(penalty float64) error {
	copy(r.lower, r.xx)
	for i := range r.d {
		r.lower[i*r.d+i] += penalty
	}
	return cholesky(r.lower, r.lower, r.d)
}

// leaveOut predicts every vector by the regression over all others, with the penalty that lower was factored for. With m the inverse of lower, u = x mᵀ has
// the predictions u uᵀy/N and the leverages |u_i|²/N, to which the intercept adds 1/N.
func (r *ridge) leaveOut(penalty float64) *RidgeFit {
	n, d, c := r.n, r.d, r.c
	invertLower(r.inverse, r.lower, d)
	for i, v := range r.inverse {
		r.m[i] = float32(v)
	}
	kernels.MatMulNT(r.u, r.x, r.m, n, d, d, false)
	kernels.MatMulTN(r.p, r.u, r.y, d, c, n, false)
	kernels.Scale(r.p, 1/float32(n))
	kernels.MatMul(r.predictions, r.u, r.p, n, c, d, false)
	f := &RidgeFit{Penalty: penalty, LeftOut: make([]float32, n*c)}
	for i := range n {
		left := 1 - (1+kernels.SumSquares(r.u[i*d:(i+1)*d]))/float64(n)
		left = max(left, leastLeft)
		for k := i * c; k < (i+1)*c; k++ {
			e := (float64(r.y[k]) - float64(r.predictions[k])) / left
			f.LeftOut[k] = float32(float64(r.y[k]) - e)
			f.Squared += float64(e * e)
		}
	}
	f.Squared /= float64(n * c)
	return f
}

// leastLeft keeps a vector that decides its own prediction from dividing by zero.
const leastLeft = 1e-6
