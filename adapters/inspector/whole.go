package inspector

import (
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
)

// A whole knows what good pictures are like on the whole: how the vectors of one are spread. A defect that is everywhere, such as another weave, makes no
// patch bad but moves these by more than good pictures vary.
type whole struct {
	mean  []float32 // [2D], over good pictures
	scale []float32 // [2D], one over their standard deviation
}

// moments sets y [2D] to the means of vectors x [N, D] and the logarithms of their mean squares.
func moments(y, x []float32, n, d int) {
	means, squares := y[:d], y[d:2*d]
	clear(y)
	for i := range n {
		row := x[i*d : (i+1)*d]
		kernels.Add(means, row)
		kernels.MulAdd(squares, row, row)
	}
	kernels.Scale(means, 1/float32(n))
	for j, s := range squares {
		squares[j] = kernels.Log(s/float32(n) + 1e-6)
	}
}

// fitWhole learns from good pictures [n, N, D], their vectors whitened. An element that varies little is taken to vary by a tenth of what the mean one does,
// for few pictures know no better.
func fitWhole(x []float32, n, per, d int) *whole {
	w := &whole{mean: make([]float32, 2*d), scale: make([]float32, 2*d)}
	all, sums, squares := make([]float32, n*2*d), make([]float64, 2*d), make([]float64, 2*d)
	for i := range n {
		moments(all[i*2*d:(i+1)*2*d], x[i*per*d:(i+1)*per*d], per, d)
	}
	for k, v := range all {
		sums[k%(2*d)] += float64(v)
	}
	for k, v := range all {
		off := float64(v) - sums[k%(2*d)]/float64(n)
		squares[k%(2*d)] += float64(off * off)
	}
	for half := range 2 { // means and squares are not of one kind
		var mean float64
		for _, s := range squares[half*d : (half+1)*d] {
			mean += s / float64(n*d)
		}
		if mean == 0 {
			mean = 1
		}
		for j := half * d; j < (half+1)*d; j++ {
			w.mean[j] = float32(sums[j] / float64(n))
			w.scale[j] = float32(1 / math.Sqrt(max(squares[j]/float64(n), 0.01*mean)))
		}
	}
	return w
}

// distance is how far a picture of vectors x [N, D] is from good ones: the root of the mean square of its moments in units of theirs. buf is memory.
func (w *whole) distance(x []float32, n, d int, buf *[]float32) float32 {
	m := kernels.Grow(buf, 2*d)
	moments(m, x, n, d)
	kernels.AddScaled(m, w.mean, -1)
	kernels.Mul(m, m, w.scale)
	return float32(math.Sqrt(kernels.SumSquares(m) / float64(2*d)))
}
