package nn

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
)

// A CosineLoss draws vectors x [B, D], projected to the width E of a teacher's, towards the teacher's directions: the mean over the
// samples of 1 minus the cosine. Set Targets before a run.
type CosineLoss struct {
	Project *Linear   // [E, D]
	Targets []float32 // [B, E], rows of length 1

	name           string
	projected      []float32 // [B, E], then its gradient
	unit           []float32 // [B, E]
	norms          []float32 // [B]
	products, grad []float32
	cosines        []float32 // [B]
	scratch        Scratch
}

// NewCosineLoss returns a loss over vectors of width d for a teacher of width e, with parameters name.weight and name.bias.
func NewCosineLoss(name string, d, e int) *CosineLoss {
	return &CosineLoss{Project: NewLinear(name, d, e), name: name}
}

// Name implements Sublayer.
func (l *CosineLoss) Name() string { return l.name }

// Params implements Sublayer.
func (l *CosineLoss) Params() []*Param { return l.Project.Params() }

// Shape implements Sublayer: one loss.
func (l *CosineLoss) Shape(*Batch) []int { return []int{1} }

// Forward implements Sublayer.
func (l *CosineLoss) Forward(y, x []float32, b *Batch) error {
	e := l.Project.Out()
	if len(l.Targets) != b.B*e {
		return fmt.Errorf("nn: %s: got %d values of targets, want %d of width %d", l.name, len(l.Targets), b.B, e)
	}
	projected, unit, norms := kernels.Grow(&l.projected, b.B*e), kernels.Grow(&l.unit, b.B*e), kernels.Grow(&l.norms, b.B)
	if err := l.Project.Forward(projected, x, b.B, b); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	unitRows(unit, norms, projected, b.B, e)
	products, cosines := kernels.Grow(&l.products, e), kernels.Grow(&l.cosines, b.B)
	for i := range b.B {
		kernels.Mul(products, unit[i*e:(i+1)*e], l.Targets[i*e:(i+1)*e])
		cosines[i] = float32(kernels.Sum(products))
	}
	y[0] = float32(1 - kernels.Sum(cosines)/float64(b.B))
	return nil
}

// Backward implements Sublayer.
func (l *CosineLoss) Backward(dx, dy, x, _ []float32, b *Batch) error {
	e := l.Project.Out()
	grad := kernels.Grow(&l.grad, b.B*e)
	copy(grad, l.Targets)
	kernels.Scale(grad, -dy[0]/float32(b.B))
	unitRowsBackward(l.projected, grad, l.unit, l.norms, l.products, b.B, e)
	if err := l.Project.Backward(dx, l.projected, x, b.B, false, b, &l.scratch); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	return nil
}
