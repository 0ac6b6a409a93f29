package head

import (
	"fmt"
	"slices"
	"sync"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// voteTemperature weighs a neighbour's vote: exp(cosine / voteTemperature), Wu et al., "Unsupervised feature learning via non-parametric instance discrimination",
// 2018, section 3.4.
const voteTemperature = 0.07

// Neighbours is a head that keeps the vectors that it was fitted to. The K with the largest cosines vote for their classes, each by exp(cosine/0.07); the shares
// of the votes are the probabilities. This is scikit-learn's KNeighborsClassifier with metric "cosine" and those weights. Of equal cosines the earlier
// vector counts. It is safe for concurrent use once it is fitted.
type Neighbours struct {
	Vectors *nn.Param // [N, D] of length 1
	Classes *nn.Param // [N] the number of each one's class
	K       int

	classes int       // C
	spare   sync.Pool // of *votes
}

// votes is what texts are compared in.
type votes struct {
	cosines []float32 // [rows, N]
	nearest []int32   // [K]
	weights []float32 // [K]
	shares  []float32 // [C]
}

// NewNeighbours makes a head for n vectors of width d in c classes, to be fitted or filled.
func NewNeighbours(n, d, c, k int) *Neighbours {
	h := &Neighbours{Vectors: nn.NewParam("classifier.weight", n, d), Classes: nn.NewParam("classifier.class", n), K: k, classes: c}
	h.spare.New = func() any { return new(votes) }
	return h
}

// Params are what an adapter folder stores.
func (h *Neighbours) Params() []*nn.Param { return []*nn.Param{h.Vectors, h.Classes} }

// neighbourCounts are the K that Fit chooses from.
var neighbourCounts = []int{1, 2, 3, 5, 8, 12, 20, 30, 50}

// Fit takes vectors x [N, D] of classes y [N], and where K is 0 chooses the K up to 50 whose votes put most of the vectors right when they are left out, the smallest
// of equals. x is scaled to rows of length 1.
func (h *Neighbours) Fit(x []float32, y []int32) error {
	n, d := h.Vectors.Shape[0], h.Vectors.Shape[1]
	if len(x) != n*d || len(y) != n {
		return fmt.Errorf("classifier: neighbours: got %d values and %d classes, want %d vectors of width %d", len(x), len(y), n, d)
	}
	nn.UnitRows(x, n, d)
	copy(h.Vectors.Value, x)
	for i, c := range y {
		h.Classes.Value[i] = float32(c)
	}
	if err := h.check(); err != nil {
		return err
	}
	if h.K > 0 {
		return nil
	}
	correct := make([]int, len(neighbourCounts))
	scores := make([]float32, h.classes)
	v := h.spare.Get().(*votes)
	defer h.spare.Put(v)
	for i := range n {
		cosines := h.compare(v, x[i*d:(i+1)*d], 1)
		cosines[i] = -2 // below any cosine
		v.rank(cosines, min(neighbourCounts[len(neighbourCounts)-1], n-1))
		for j, k := range neighbourCounts {
			h.count(scores, v, cosines, min(k, n-1))
			if Best(scores) == int(y[i]) {
				correct[j]++
			}
		}
	}
	best := 0
	for j := range correct {
		if correct[j] > correct[best] {
			best = j
		}
	}
	h.K = min(neighbourCounts[best], n-1)
	return nil
}

// check holds what a stored head says of itself against its sizes.
func (h *Neighbours) check() error {
	n := h.Vectors.Shape[0]
	if h.K < 0 || h.K > n || n < 2 {
		return fmt.Errorf("classifier: %w: neighbours: got %d of %d vectors, want at least 1 of 2", adapter.ErrPassport, h.K, n)
	}
	for i, v := range h.Classes.Value {
		if c := int(v); float32(c) != v || c < 0 || c >= h.classes {
			return fmt.Errorf("classifier: %w: neighbours: class of vector %d: got %g, want a whole number from 0 to %d", adapter.ErrTensors, i, v, h.classes-1)
		}
	}
	return nil
}

// fewestVotes stands for no votes at all in logits, which are finite.
const fewestVotes = 1e-6

// Vote sets the logits z and the probabilities p [N, C] of rows x [N, D] of length 1. A logit is the logarithm of the votes for a class, whose sum over all classes says
// how near the neighbours are. They may be the same values, then probabilities in the end.
func (h *Neighbours) Vote(z, p, x []float32, n int) {
	v := h.spare.Get().(*votes)
	defer h.spare.Put(v)
	cosines, stored, c := h.compare(v, x, n), h.Vectors.Shape[0], h.classes
	shares := kernels.Grow(&v.shares, c)
	for i := range n {
		row := cosines[i*stored : (i+1)*stored]
		v.rank(row, h.K)
		all := h.count(shares, v, row, h.K)
		for j, s := range shares {
			z[i*c+j] = all + kernels.Log(max(s, fewestVotes))
		}
		copy(p[i*c:(i+1)*c], shares)
	}
}

// compare gives the cosines of rows x [N, D] with the stored vectors.
func (h *Neighbours) compare(v *votes, x []float32, n int) []float32 {
	stored, d := h.Vectors.Shape[0], h.Vectors.Shape[1]
	cosines := kernels.Grow(&v.cosines, n*stored)
	kernels.MatMulNT(cosines, x, h.Vectors.Value, n, stored, d, false)
	return cosines
}

// rank lists the k nearest, the nearest first, of equal ones the earlier.
func (v *votes) rank(cosines []float32, k int) {
	near := v.nearest[:0]
	for i, c := range cosines {
		if len(near) == k {
			if c <= cosines[near[k-1]] {
				continue
			}
			near = near[:k-1]
		}
		at, _ := slices.BinarySearchFunc(near, c, func(other int32, c float32) int {
			if cosines[other] < c {
				return 1
			}
			return -1 // an equal one stays before
		})
		near = slices.Insert(near, at, int32(i))
	}
	v.nearest = near
}

// count sets the shares of the votes [C] of the first k nearest, and returns the logarithm of all votes.
func (h *Neighbours) count(p []float32, v *votes, cosines []float32, k int) float32 {
	weights := kernels.Grow(&v.weights, k)
	for i, r := range v.nearest[:k] {
		weights[i] = cosines[r] / voteTemperature
	}
	most := weights[0] // of the nearest
	kernels.Softmax(weights, weights, 1, k)
	clear(p)
	for i, r := range v.nearest[:k] {
		p[int(h.Classes.Value[r])] += weights[i]
	}
	return most - kernels.Log(weights[0])
}
