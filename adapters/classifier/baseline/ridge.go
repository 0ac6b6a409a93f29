package baseline

import (
	"fmt"
	"math"
)

// A RidgeModel gives texts numbers: TF-IDF with ridge regression. It doesn't change, and is safe for concurrent use.
type RidgeModel struct {
	vectorizer *Vectorizer
	weights    []float64 // [V]
	intercept  float64
}

// The descent ends when the gradient is this much shorter than at its start, and after so many steps in any case.
const ridgeTolerance, ridgeSteps = 1e-8, 1000

// FitRidge minimises |X w + b - y|² + alpha |w|² over the texts' TF-IDF vectors X, as scikit-learn's Ridge does, by conjugate gradients (Hestenes and Stiefel, 1952).
func FitRidge(texts []string, y []float64, f Features, alpha float64) (*RidgeModel, error) {
	if len(texts) != len(y) || len(texts) == 0 || !(alpha > 0) {
		return nil, fmt.Errorf("baseline: ridge: got %d texts, %d numbers and alpha %g, want as many and at least one, and alpha above 0", len(texts), len(y), alpha)
	}
	f = f.filled()
	if err := f.Validate(); err != nil {
		return nil, err
	}
	v, err := FitVectorizer(texts, f)
	if err != nil {
		return nil, err
	}
	x := v.Transform(texts)
	n, d := x.Rows(), x.Cols
	mean, centre := make([]float64, d), 0.0
	for i := range n {
		x.add(mean, i, 1/float64(n))
		centre += y[i] / float64(n)
	}
	// apply sets out to Xᵀ X v + alpha v, with X's columns shifted to means of zero.
	rows := make([]float64, n)
	apply := func(out, v []float64) {
		shift := product(mean, v)
		for j := range out {
			out[j] = alpha * v[j]
		}
		for i := range rows {
			rows[i] = x.dot(-shift, i, v)
		}
		back(out, x, rows, mean)
	}
	w, r := make([]float64, d), make([]float64, d)
	for i := range rows {
		rows[i] = y[i] - centre
	}
	back(r, x, rows, mean)
	p, ap := append([]float64(nil), r...), make([]float64, d)
	length := product(r, r)
	for start, step := length, 0; step < ridgeSteps && length > start*ridgeTolerance*ridgeTolerance; step++ {
		apply(ap, p)
		by := length / product(p, ap)
		addScaled(w, p, by)
		addScaled(r, ap, -by)
		next := product(r, r)
		for j := range p {
			p[j] = r[j] + next/length*p[j]
		}
		length = next
	}
	m := &RidgeModel{vectorizer: v, weights: w, intercept: centre - product(mean, w)}
	if math.IsNaN(m.intercept) || math.IsInf(m.intercept, 0) {
		return nil, fmt.Errorf("baseline: ridge: the numbers are not finite")
	}
	return m, nil
}

// back adds Xᵀ rows to out, with X's columns shifted to means of zero.
func back(out []float64, x *Sparse, rows, mean []float64) {
	sum := 0.0
	for i, v := range rows {
		x.add(out, i, v)
		sum += v
	}
	addScaled(out, mean, -sum)
}

func product(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// PredictAll gives the number of every text.
func (m *RidgeModel) PredictAll(texts []string) []float64 {
	x, all := m.vectorizer.Transform(texts), make([]float64, len(texts))
	for i := range all {
		all[i] = x.dot(m.intercept, i, m.weights)
	}
	return all
}
