package inspector

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"github.com/fmkit/fmkit/shared/kernels"
)

// A Bank is a memory of vectors [N, D] that finds the nearest one. It doesn't change, and is safe for concurrent use.
type Bank struct {
	n, d    int
	vectors []float32
	packed  *kernels.Packed
	bias    []float32 // minus half of the squared length of each
	pool    sync.Pool // of *search
}

// NewBank makes a bank of vectors [N, D], which it keeps.
func NewBank(vectors []float32, d int) *Bank {
	b := &Bank{n: len(vectors) / d, d: d, vectors: vectors}
	b.packed = kernels.PackNT(vectors, b.n, d)
	b.bias = make([]float32, b.n)
	for i := range b.bias {
		b.bias[i] = float32(-0.5 * kernels.SumSquares(b.row(i)))
	}
	b.pool.New = func() any { return &search{bank: b} }
	return b
}

// Len is the number of vectors.
func (b *Bank) Len() int { return b.n }

// Width is D.
func (b *Bank) Width() int { return b.d }

func (b *Bank) row(i int) []float32 { return b.vectors[i*b.d : (i+1)*b.d] }

// block is how many queries are compared with the whole bank at once.
const block = 64

// search is a run of Nearest.
type search struct {
	bank     *Bank
	x        []float32 // the block's queries
	products []float32 // [block, N]
	at       []int32
	distance []float32
	nearby   []neighbour
}

// Nearest sets at[i] to the vector of the bank that is nearest to row i of x [M, D], and distance[i] to its distance. Which one is nearest is settled
// by the bank's products, ties for the lowest; the distance itself is a sum of squared differences, so that it is 0 only between equals.
func (b *Bank) Nearest(at []int32, distance, x []float32) {
	s := b.pool.Get().(*search)
	defer b.pool.Put(s)
	for from := 0; from < len(at); from += block {
		to := min(len(at), from+block)
		s.x, s.at, s.distance = x[from*b.d:to*b.d], at[from:to], distance[from:to]
		b.packed.MatMulBias(kernels.Grow(&s.products, (to-from)*b.n), s.x, b.bias, to-from)
		kernels.Parallel(to-from, s)
	}
	s.x, s.at, s.distance = nil, nil, nil
}

// Run settles one query of the block.
func (s *search) Run(part int) {
	b := s.bank
	products := s.products[part*b.n : (part+1)*b.n]
	best := 0
	for i, p := range products {
		if p > products[best] {
			best = i
		}
	}
	s.at[part] = int32(best)
	s.distance[part] = distance(s.x[part*b.d:(part+1)*b.d], b.row(best))
}

// distance is the Euclidean one.
func distance(x, y []float32) float32 {
	var s float64
	for i, v := range x {
		d := float64(v) - float64(y[i])
		s += float64(d * d)
	}
	return float32(math.Sqrt(s))
}

type neighbour struct {
	row     int32
	product float32
}

// weight is what the score of a vector x [D], nearest to row at of the bank, is multiplied with: 1 - softmax over the count rows nearest to row at,
// of their distances to x, at row at (equation 7 of the paper). It is low where the nearest row is itself rare. A count or a bank below 2 weighs 1.
func (b *Bank) weight(x []float32, at, count int) float32 {
	count = min(count, b.n)
	if count < 2 {
		return 1
	}
	s := b.pool.Get().(*search)
	defer b.pool.Put(s)
	b.packed.MatMulBias(kernels.Grow(&s.products, b.n), b.row(at), b.bias, 1)
	s.nearby = s.nearby[:0]
	for i, p := range s.products[:b.n] {
		if i == at || len(s.nearby) == count-1 && p <= s.nearby[count-2].product {
			continue
		}
		where, _ := slices.BinarySearchFunc(s.nearby, p, func(n neighbour, p float32) int {
			if n.product >= p { // after those as near: they are lower rows
				return -1
			}
			return cmp.Compare(p, n.product)
		})
		if len(s.nearby) == count-1 {
			s.nearby = s.nearby[:count-2]
		}
		s.nearby = slices.Insert(s.nearby, where, neighbour{int32(i), p})
	}
	own, sum := distance(x, b.row(at)), float32(1) // in units of the nearest row's exponential; +Inf weighs 1
	for _, n := range s.nearby {
		sum += kernels.Exp(distance(x, b.row(int(n.row))) - own)
	}
	return 1 - 1/sum
}
