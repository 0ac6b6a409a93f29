package nn

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
)

// A ContrastiveLoss pulls the two vectors of a pair together and pushes those of different pairs apart: the symmetric in-batch
// cross-entropy over cosines of CLIP (Radford et al., 2021, figure 3), with InfoNCE's temperature (van den Oord et al., 2018). Its
// input is [2N, D]: N first texts, then their partners in the same order.
type ContrastiveLoss struct {
	D           int
	Temperature float32 // cosines are divided by it
	Correct     int     // of the last Forward outside training: first texts whose partner was the nearest of all partners

	unit           []float32 // [2N, D] the vectors at length 1
	norms          []float32 // [2N]
	there, back    []float32 // [N, N] cosines over temperature from first to second and from second to first, then their gradients
	losses         []float32 // [2N]
	labels         []int32   // [N] 0...N-1
	grad, products []float32 // [2N, D]
}

// Name implements Sublayer.
func (l *ContrastiveLoss) Name() string { return "contrastive" }

// Params implements Sublayer: none.
func (l *ContrastiveLoss) Params() []*Param { return nil }

// Shape implements Sublayer: one loss.
func (l *ContrastiveLoss) Shape(*Batch) []int { return []int{1} }

// Forward implements Sublayer: y is the mean of the 2N cross-entropies.
func (l *ContrastiveLoss) Forward(y, x []float32, b *Batch) error {
	if b.B%2 != 0 || l.D <= 0 || len(x) < b.B*l.D || !(l.Temperature > 0) {
		return fmt.Errorf("nn: contrastive: got %d vectors of width %d in %d values at temperature %g, want pairs and a temperature above 0", b.B, l.D, len(x), l.Temperature)
	}
	n, d := b.B/2, l.D
	unit, norms := kernels.Grow(&l.unit, b.B*d), kernels.Grow(&l.norms, b.B)
	unitRows(unit, norms, x, b.B, d)
	there, back, losses := kernels.Grow(&l.there, n*n), kernels.Grow(&l.back, n*n), kernels.Grow(&l.losses, b.B)
	first, second := unit[:n*d], unit[n*d:]
	kernels.MatMulNT(there, first, second, n, n, d, false)
	kernels.MatMulNT(back, second, first, n, n, d, false)
	kernels.Scale(there, 1/l.Temperature)
	kernels.Scale(back, 1/l.Temperature)
	labels := kernels.Grow(&l.labels, n)
	for i := range labels {
		labels[i] = int32(i)
	}
	if !b.Train {
		l.Correct = correct(there, labels, n)
	}
	kernels.CrossEntropy(there, losses[:n], there, labels, 1/float32(b.B), n, n)
	kernels.CrossEntropy(back, losses[n:], back, labels, 1/float32(b.B), n, n)
	y[0] = float32(kernels.Sum(losses) / float64(b.B))
	return nil
}

// Backward implements Sublayer.
func (l *ContrastiveLoss) Backward(dx, dy, _, _ []float32, b *Batch) error {
	if dx == nil {
		return nil
	}
	n, d := b.B/2, l.D
	s := dy[0] / l.Temperature
	kernels.Scale(l.there, s)
	kernels.Scale(l.back, s)
	first, second := l.unit[:n*d], l.unit[n*d:]
	grad := kernels.Grow(&l.grad, b.B*d)
	kernels.MatMul(grad[:n*d], l.there, second, n, d, n, false)
	kernels.MatMulTN(grad[:n*d], l.back, second, n, d, n, true)
	kernels.MatMul(grad[n*d:], l.back, first, n, d, n, false)
	kernels.MatMulTN(grad[n*d:], l.there, first, n, d, n, true)
	unitRowsBackward(dx, grad, l.unit, l.norms, kernels.Grow(&l.products, d), b.B, d)
	return nil
}
