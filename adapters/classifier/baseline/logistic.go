package baseline

import (
	"math"
	"runtime"
)

// fitLogistic trains a multinomial logistic regression: it minimises over W [V+1, C], intercepts last,
//
//	mean over i of (log sum exp(x_i W) - (x_i W)[y_i]) + |W without intercepts|^2 / (2 C n)
//
// which is scikit-learn's objective, by L-BFGS. Of two classes scikit-learn has a single weight vector w and the penalty |w|^2 / (2 C n); ours are
// w/2 and -w/2, so the penalty counts twice.
func fitLogistic(x *Sparse, y []int, classes int, o Options) ([]float64, error) {
	p := &softmaxProblem{x: x, y: y, c: classes, l2: 1 / (o.C * float64(x.Rows())), d: make([]float64, x.Rows()*classes)}
	if classes == 2 {
		p.l2 *= 2
	}
	return minimise(make([]float64, (x.Cols+1)*classes), p.gradient, o.Tol, o.Iterations)
}

type softmaxProblem struct {
	x  *Sparse
	y  []int
	c  int
	l2 float64
	d  []float64 // [N, C]: scores, then the loss's gradient by them
}

// gradient sets g [V+1, C] and gives the loss at w. Workers own blocks of classes (scores, gradient) or of rows (softmax), so
// sums have the same order for any number of workers.
func (p *softmaxProblem) gradient(g, w []float64) float64 {
	n, c := p.x.Rows(), p.c
	blocks := min(runtime.GOMAXPROCS(0), max(c/8, 1))
	each(blocks, func(b int) { p.scores(w, c*b/blocks, c*(b+1)/blocks) })
	loss := make([]float64, n)
	parts := runtime.GOMAXPROCS(0)
	each(parts, func(b int) {
		for i := n * b / parts; i < n*(b+1)/parts; i++ {
			loss[i] = softmaxLoss(p.d[i*c:(i+1)*c], p.y[i], 1/float64(n))
		}
	})
	each(blocks, func(b int) { p.back(g, w, c*b/blocks, c*(b+1)/blocks) })
	var sum, square float64
	for _, l := range loss {
		sum += l
	}
	for _, v := range w[:p.x.Cols*c] {
		square += v * v
	}
	return sum/float64(n) + p.l2*square/2
}

// scores sets columns from to end of d to x W.
func (p *softmaxProblem) scores(w []float64, from, end int) {
	intercept := w[p.x.Cols*p.c:]
	for i := range p.x.Rows() {
		row := p.d[i*p.c+from : i*p.c+end]
		copy(row, intercept[from:end])
		cols, vals := p.x.Row(i)
		for k, j := range cols {
			addScaled(row, w[int(j)*p.c+from:], vals[k])
		}
	}
}

// back sets columns from to end of g to the gradient.
func (p *softmaxProblem) back(g, w []float64, from, end int) {
	for j := range p.x.Cols + 1 {
		row := g[j*p.c+from : j*p.c+end]
		if j == p.x.Cols {
			clear(row)
			continue
		}
		for k, v := range w[j*p.c+from : j*p.c+end] {
			row[k] = p.l2 * v
		}
	}
	intercept := g[p.x.Cols*p.c+from : p.x.Cols*p.c+end]
	for i := range p.x.Rows() {
		row := p.d[i*p.c+from : i*p.c+end]
		addScaled(intercept, row, 1)
		cols, vals := p.x.Row(i)
		for k, j := range cols {
			addScaled(g[int(j)*p.c+from:int(j)*p.c+end], row, vals[k])
		}
	}
}

// addScaled is  for i := range y { y[i] += a * x[i] }.
func addScaled(y, x []float64, a float64) {
	x = x[:len(y)]
	for i := range y {
		y[i] += a * x[i]
	}
}

// softmaxLoss gives the cross-entropy of scores s against class y, and turns s into its gradient times scale.
func softmaxLoss(s []float64, y int, scale float64) float64 {
	target := s[y]
	logSum := softmax(s)
	for j := range s {
		s[j] *= scale
	}
	s[y] -= scale
	return logSum - target
}

// softmax turns scores into probabilities and gives the log of the sum of their exponentials.
func softmax(s []float64) float64 {
	top := math.Inf(-1)
	for _, v := range s {
		top = max(top, v)
	}
	var sum float64
	for j, v := range s {
		s[j] = math.Exp(v - top)
		sum += s[j]
	}
	for j := range s {
		s[j] /= sum
	}
	return top + math.Log(sum)
}
