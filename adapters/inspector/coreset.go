package inspector

import (
	"context"
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// coreset picks at most k of the vectors x [N, D], the rows that cover the rest best: each next one is that which is farthest from all before it
// (k-center greedy; Gonzalez, 1985). The first is drawn by key, ties go to the lowest row, and it stops where nothing is left uncovered. With
// projection > 0 and below D distances are those of a sparse random projection (Achlioptas, 2003).
func coreset(ctx context.Context, x []float32, n, d, k, projection int, key uint64) ([]int32, error) {
	if projection > 0 && projection < d {
		x, d = project(x, n, d, projection, random.Mix(key, 1)), projection
	}
	g := newGreedy(x, n, d)
	at := int(random.Mix(key, 0) >> 32 * uint64(n) >> 32)
	picked := make([]int32, 0, k)
	for len(picked) < k {
		if len(picked)%64 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		picked = append(picked, int32(at))
		next, distance := g.cover(at)
		if distance <= 0 {
			break
		}
		at = next
	}
	return picked, nil
}

// project multiplies x [N, D] by a matrix [D, P] whose elements are sqrt(3/P) times -1, 0 or 1 with chances 1/6, 2/3, 1/6.
func project(x []float32, n, d, p int, key uint64) []float32 {
	m := make([]float32, p*d)
	scale := float32(math.Sqrt(3 / float64(p)))
	for i := range m {
		switch random.Mix(key, uint64(i)) >> 32 * 6 >> 32 {
		case 0:
			m[i] = scale
		case 1:
			m[i] = -scale
		}
	}
	y := kernels.Make[float32](n * p)
	kernels.MatMulNT(y, x, m, n, p, d, false)
	return y
}

// chunk is how many rows one part of the work has.
const chunk = 1024

// greedy holds rows in chunks of columns, [D, chunk] each, so that a distance to all of them is a sum over columns.
type greedy struct {
	n, d    int
	columns []float32
	squares []float32 // of the rows' lengths
	nearest []float32 // squared distance to the nearest row picked; -1 for those picked
	row     []float32 // the row picked last
	square  float32
	dots    []float32
	best    []int32 // of each chunk
}

func newGreedy(x []float32, n, d int) *greedy {
	chunks := (n + chunk - 1) / chunk
	g := &greedy{
		n: n, d: d, columns: kernels.Make[float32](chunks * chunk * d), squares: make([]float32, n), nearest: make([]float32, n),
		row: make([]float32, d), dots: make([]float32, chunks*chunk), best: make([]int32, chunks),
	}
	for i := range n {
		base := i / chunk * chunk * d
		for j, v := range x[i*d : (i+1)*d] {
			g.columns[base+j*chunk+i%chunk] = v
		}
		g.squares[i] = float32(kernels.SumSquares(x[i*d : (i+1)*d]))
		g.nearest[i] = math.MaxFloat32
	}
	return g
}

// cover counts row at as picked and gives the row that is farthest from all picked, with its squared distance.
func (g *greedy) cover(at int) (int, float32) {
	base := at / chunk * chunk * g.d
	for j := range g.row {
		g.row[j] = g.columns[base+j*chunk+at%chunk]
	}
	g.square = g.squares[at]
	g.nearest[at] = -1
	kernels.Parallel(len(g.best), g)
	far := int(g.best[0])
	for _, i := range g.best[1:] {
		if g.nearest[i] > g.nearest[far] {
			far = int(i)
		}
	}
	return far, g.nearest[far]
}

// Run brings the distances of one chunk up to date.
func (g *greedy) Run(part int) {
	from, to := part*chunk, min(g.n, (part+1)*chunk)
	dots := g.dots[from : from+chunk]
	clear(dots)
	for j, v := range g.row {
		kernels.AddScaled(dots, g.columns[from*g.d+j*chunk:from*g.d+(j+1)*chunk], v)
	}
	far := from
	for i := from; i < to; i++ {
		distance := max(0, g.squares[i]+g.square-float32(2*dots[i-from]))
		// A difference of squares this small is rounding, not distance.
		if distance <= 1e-6*g.square {
			distance = 0
		}
		if distance < g.nearest[i] {
			g.nearest[i] = distance
		}
		if g.nearest[i] > g.nearest[far] {
			far = i
		}
	}
	g.best[part] = int32(far)
}
