package baseline

import (
	"errors"
	"math"
)

// lbfgsHistory is the number of steps remembered. It costs two vectors each; more than five saves few iterations here.
const lbfgsHistory = 5

// errDiverged means that the loss isn't finite.
var errDiverged = errors.New("baseline: logistic regression: the loss is not finite")

// minimise finds the minimum of a smooth convex function by L-BFGS (Nocedal and Wright, Numerical optimization, 2006, algorithm 7.5) with
// a line search for the weak Wolfe conditions by bisection. gradient sets g and gives the value at x. It ends when no
// component of the gradient is above tol, after the given number of iterations, or when the line search finds no lower point.
func minimise(x []float64, gradient func(g, x []float64) float64, tol float64, iterations int) ([]float64, error) {
	g := make([]float64, len(x))
	next, gNext := make([]float64, len(x)), make([]float64, len(x))
	direction := make([]float64, len(x))
	var h history
	f := gradient(g, x)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, errDiverged
	}
	for it := range iterations {
		if maxAbs(g) <= tol {
			break
		}
		h.direction(direction, g)
		slope := dot(direction, g)
		if slope >= 0 { // rounding spoilt the history
			h = history{}
			h.direction(direction, g)
			slope = dot(direction, g)
		}
		step := 1.0
		if it == 0 {
			step = min(1, 1/math.Sqrt(-slope))
		}
		low, high := 0.0, math.Inf(1)
		var fNext float64
		for range 40 {
			for i, v := range x {
				next[i] = v + step*direction[i]
			}
			fNext = gradient(gNext, next)
			switch {
			case !(fNext <= f+1e-4*step*slope):
				high = step
			case dot(gNext, direction) < 0.9*slope:
				low = step
			default:
				low, high = step, step
			}
			if low == high {
				break
			}
			if math.IsInf(high, 1) {
				step *= 2
			} else {
				step = (low + high) / 2
			}
		}
		if !(fNext < f) {
			break // at the limit of rounding
		}
		h.add(x, next, g, gNext)
		x, next, g, gNext = next, x, gNext, g
		f = fNext
	}
	return x, nil
}

// A history holds the last steps s and changes of gradient y, oldest first.
type history struct {
	s, y [][]float64
	rho  []float64 // 1 / s y
}

func (h *history) add(x, next, g, gNext []float64) {
	var s, y []float64
	if len(h.s) == lbfgsHistory {
		s, y = h.s[0], h.y[0]
		h.s, h.y, h.rho = h.s[1:], h.y[1:], h.rho[1:]
	} else {
		s, y = make([]float64, len(x)), make([]float64, len(x))
	}
	for i := range x {
		s[i], y[i] = next[i]-x[i], gNext[i]-g[i]
	}
	if sy := dot(s, y); sy > 0 {
		h.s, h.y, h.rho = append(h.s, s), append(h.y, y), append(h.rho, 1/sy)
	}
}

// direction sets d to minus the approximate inverse Hessian times g.
func (h *history) direction(d, g []float64) {
	for i, v := range g {
		d[i] = -v
	}
	if len(h.s) == 0 {
		return
	}
	alpha := make([]float64, len(h.s))
	for k := len(h.s) - 1; k >= 0; k-- {
		alpha[k] = h.rho[k] * dot(h.s[k], d)
		addScaled(d, h.y[k], -alpha[k])
	}
	last := len(h.s) - 1
	scale := 1 / (h.rho[last] * dot(h.y[last], h.y[last]))
	for i := range d {
		d[i] *= scale
	}
	for k := range h.s {
		addScaled(d, h.s[k], alpha[k]-h.rho[k]*dot(h.y[k], d))
	}
}

func dot(a, b []float64) float64 {
	var s float64
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

func maxAbs(a []float64) float64 {
	var m float64
	for _, v := range a {
		m = max(m, math.Abs(v))
	}
	return m
}
