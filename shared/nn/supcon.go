package nn

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
)

// A SupervisedContrastiveLoss pulls vectors x [B, D] of one class together and pushes those of others away: Khosla et al., "Supervised contrastive learning", 2020,
// equation 2. With u the vectors at length 1, t the temperature and P(i) the others of i's class in the batch, it is
//
//	mean over i with any P(i) of  -1/|P(i)| sum over p in P(i) of log( exp(u_i u_p / t) / sum over a != i of exp(u_i u_a / t) )
//
// and 0 where no class occurs twice. Set Labels before a run.
type SupervisedContrastiveLoss struct {
	D           int
	Temperature float32 // cosines are divided by it
	Labels      []int32 // [B]

	unit, grad       []float32 // [B, D] the vectors at length 1; gradients of them
	norms, losses    []float32 // [B]
	cosines, dcosine []float32 // [B, B] over temperature; gradients of them
	targets          []int32   // [B] the first of P(i), or none
	products         []float32 // [D]
}

// Name implements Sublayer.
func (l *SupervisedContrastiveLoss) Name() string { return "supervised-contrastive" }

// Params implements Sublayer: none.
func (l *SupervisedContrastiveLoss) Params() []*Param { return nil }

// Shape implements Sublayer: one loss.
func (l *SupervisedContrastiveLoss) Shape(*Batch) []int { return []int{1} }

// itself stands in the place of the cosine of a vector with itself: far below the others, so that its share is an exact zero.
const itself = -1e30

// Forward implements Sublayer.
func (l *SupervisedContrastiveLoss) Forward(y, x []float32, b *Batch) error {
	n, d := b.B, l.D
	if len(l.Labels) != n || d <= 0 || len(x) < n*d || !(l.Temperature > 0) {
		return fmt.Errorf("nn: supervised contrastive: got %d labels for %d vectors of width %d in %d values at temperature %g, want as many and a temperature above 0", len(l.Labels), n, d, len(x), l.Temperature)
	}
	unit, cosines := kernels.Grow(&l.unit, n*d), kernels.Grow(&l.cosines, n*n)
	unitRows(unit, kernels.Grow(&l.norms, n), x, n, d)
	kernels.MatMulNT(cosines, unit, unit, n, n, d, false)
	kernels.Scale(cosines, 1/l.Temperature)
	anchors := 0
	targets := kernels.Grow(&l.targets, n)
	for i := range n {
		cosines[i*n+i] = itself
		targets[i] = IgnoreLabel
		for j := n - 1; j >= 0; j-- {
			if j != i && l.Labels[j] == l.Labels[i] {
				targets[i] = int32(j)
			}
		}
		if targets[i] != IgnoreLabel {
			anchors++
		}
	}
	scale := 1 / float32(max(anchors, 1))
	dcosine, losses := kernels.Grow(&l.dcosine, n*n), kernels.Grow(&l.losses, n)
	kernels.CrossEntropy(dcosine, losses, cosines, targets, scale, n, n)
	// So far each anchor has one positive, its first. Now they share its part.
	for i, first := range targets {
		if first == IgnoreLabel {
			continue
		}
		row, others := cosines[i*n:(i+1)*n], 0
		var sum float64
		for j, v := range row {
			if j != i && l.Labels[j] == l.Labels[i] {
				others++
				sum += float64(v)
			}
		}
		losses[i] += float32(float64(row[first]) - sum/float64(others))
		dcosine[i*n+int(first)] += scale
		for j := range row {
			if j != i && l.Labels[j] == l.Labels[i] {
				dcosine[i*n+j] -= scale / float32(others)
			}
		}
	}
	y[0] = float32(kernels.Sum(losses) / float64(max(anchors, 1)))
	return nil
}

// Backward implements Sublayer.
func (l *SupervisedContrastiveLoss) Backward(dx, dy, _, _ []float32, b *Batch) error {
	if dx == nil {
		return nil
	}
	n, d := b.B, l.D
	kernels.Scale(l.dcosine, dy[0]/l.Temperature)
	grad := kernels.Grow(&l.grad, n*d)
	kernels.MatMul(grad, l.dcosine, l.unit, n, d, n, false)
	kernels.MatMulTN(grad, l.dcosine, l.unit, n, d, n, true)
	unitRowsBackward(dx, grad, l.unit, l.norms, kernels.Grow(&l.products, d), n, d)
	return nil
}
