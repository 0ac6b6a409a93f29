package baseline

import (
	"math"
	"runtime"
	"sync"

	"github.com/fmkit/fmkit/shared/random"
)

// fitSVM trains a linear SVM with squared hinge loss for every class against the rest, by dual coordinate descent with shrinking (Hsieh et
// al., A dual coordinate descent method for large-scale linear SVM, ICML 2008), the method of liblinear. The intercept is the weight of a
// feature that is always 1, and is regularised like the others.
//
// x [N, V], y [N] class numbers below classes. The result is a [V+1, C] weight matrix, intercepts last. With two classes one
// problem is solved and its weights mirrored.
func fitSVM(x matrix, y []int, classes int, o Options) []float64 {
	w := make([]float64, (x.cols()+1)*classes)
	square := make([]float64, x.Rows())
	for i := range square {
		square[i] = x.square(1, i)
	}
	solve := func(c int) {
		b := newDual(x, y, square, c, o)
		b.run()
		for j, v := range b.w {
			w[j*classes+c] = v
			if classes == 2 {
				w[j*classes] = -v
			}
		}
	}
	if classes == 2 {
		solve(1)
		return w
	}
	each(classes, solve)
	return w
}

// each calls one for 0..n-1 on all processors; the calls must be independent.
func each(n int, one func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := range next {
				one(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// A dual is one binary problem: minimise over alpha >= 0
//
//	alpha' Q alpha / 2 - sum(alpha), Q[i][j] = y_i y_j x_i x_j + [i=j] / 2C, w = sum(alpha_i y_i x_i).
type dual struct {
	x      matrix
	sign   []float64 // [N]: y_i, 1 or -1
	square []float64 // [N]: x_i x_i
	alpha  []float64 // [N]
	w      []float64 // [V+1]
	active []int32   // a permutation of the rows: those in play first
	diag   float64   // 1 / 2C
	tol    float64
	epochs int
	stream *random.Stream
}

func newDual(x matrix, y []int, square []float64, class int, o Options) *dual {
	n := x.Rows()
	d := &dual{
		x: x, square: square, sign: make([]float64, n), alpha: make([]float64, n), w: make([]float64, x.cols()+1),
		active: make([]int32, n), diag: 0.5 / o.C, tol: o.Tol, epochs: o.Iterations,
		stream: random.New(random.Mix(random.Key(o.Seed, "baseline.svm"), uint64(class))),
	}
	for i := range n {
		d.active[i] = int32(i)
		d.sign[i] = -1
		if y[i] == class {
			d.sign[i] = 1
		}
	}
	return d
}

// run passes over the active rows until their projected gradients agree, then once more over all rows to be sure.
func (d *dual) run() {
	n := len(d.active)
	size := n
	limit := math.Inf(1) // gradients above it, at alpha = 0, leave the active set
	for range d.epochs {
		high, low := math.Inf(-1), math.Inf(1)
		for i := range size {
			j := i + d.stream.IntN(size-i)
			d.active[i], d.active[j] = d.active[j], d.active[i]
		}
		for s := 0; s < size; s++ {
			i := d.active[s]
			g := d.gradient(i)
			pg := g
			if d.alpha[i] == 0 {
				if g > limit {
					size--
					d.active[s], d.active[size] = d.active[size], d.active[s]
					s--
					continue
				}
				pg = min(g, 0)
			}
			high, low = max(high, pg), min(low, pg)
			if math.Abs(pg) > 1e-12 {
				d.step(i, g)
			}
		}
		if high-low <= d.tol {
			if size == n {
				return
			}
			size, limit = n, math.Inf(1)
			continue
		}
		limit = high
		if limit <= 0 {
			limit = math.Inf(1)
		}
	}
}

// gradient is y_i w x_i - 1 + alpha_i / 2C.
func (d *dual) gradient(i int32) float64 {
	dot := d.x.dot(d.w[len(d.w)-1], int(i), d.w)
	return dot*d.sign[i] - 1 + d.alpha[i]*d.diag
}

// step minimises over alpha_i alone.
func (d *dual) step(i int32, g float64) {
	old := d.alpha[i]
	d.alpha[i] = max(old-g/(d.square[i]+d.diag), 0)
	by := (d.alpha[i] - old) * d.sign[i]
	d.x.add(d.w, int(i), by)
	d.w[len(d.w)-1] += by
}
