package nn

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
)

// A TargetLoss is a dense layer over pooled vectors [B, D] whose outputs z [B, C] have a target each: the losses of transformers' problem types
// multi_label_classification and regression.
//
//	Binary: mean over all of log(1 + exp(z)) - t z, with t 0 or 1 (BCEWithLogitsLoss)
//	else:   mean over all of (z - t)²                             (MSELoss)
//
// Set Targets before a run.
type TargetLoss struct {
	Linear  *Linear // [C, D]
	Binary  bool
	Targets []float32 // [B, C]

	name    string
	z, dz   []float32 // [B, C]
	losses  []float32 // [B, C]
	pairs   []float32 // [B, C, 2] logits of no and yes, then their gradients
	yes     []int32   // [B, C]
	scratch Scratch
}

// NewTargetLoss returns a loss over vectors of width d for c outputs, with parameters name.weight and name.bias.
func NewTargetLoss(name string, d, c int, binary bool) *TargetLoss {
	return &TargetLoss{Linear: NewLinear(name, d, c), Binary: binary, name: name}
}

// Name implements Sublayer.
func (l *TargetLoss) Name() string { return l.name }

// Params implements Sublayer.
func (l *TargetLoss) Params() []*Param { return l.Linear.Params() }

// Shape implements Sublayer: one loss.
func (l *TargetLoss) Shape(*Batch) []int { return []int{1} }

// Forward implements Sublayer.
func (l *TargetLoss) Forward(y, x []float32, b *Batch) error {
	n := b.B * l.Linear.Out()
	if len(l.Targets) != n {
		return fmt.Errorf("nn: %s: got %d targets, want %d for %d rows", l.name, len(l.Targets), n, b.B)
	}
	z := kernels.Grow(&l.z, n)
	if err := l.Linear.Forward(z, x, b.B, b); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	dz, losses := kernels.Grow(&l.dz, n), kernels.Grow(&l.losses, n)
	if !l.Binary {
		copy(dz, z)
		kernels.AddScaled(dz, l.Targets, -1)
		y[0] = float32(kernels.SumSquares(dz) / float64(n))
		kernels.Scale(dz, 2/float32(n))
		return nil
	}
	pairs, yes := kernels.Grow(&l.pairs, 2*n), kernels.Grow(&l.yes, n)
	if err := binaryPairs(pairs, yes, z, l.Targets); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	kernels.CrossEntropy(pairs, losses, pairs, yes, 1/float32(n), n, 2)
	for i := range dz {
		dz[i] = pairs[2*i+1]
	}
	y[0] = float32(kernels.Sum(losses) / float64(n))
	return nil
}

// binaryPairs sets the logits of no and yes, 0 and z, and which of them targets of 0 and 1 say.
func binaryPairs(pairs []float32, yes []int32, z, targets []float32) error {
	for i, t := range targets {
		if t != 0 && t != 1 {
			return fmt.Errorf("target %d: got %g, want 0 or 1", i, t)
		}
		pairs[2*i], pairs[2*i+1], yes[i] = 0, z[i], int32(t)
	}
	return nil
}

// Backward implements Sublayer.
func (l *TargetLoss) Backward(dx, dy, x, _ []float32, b *Batch) error {
	scaleBy(l.dz, dy[0])
	if err := l.Linear.Backward(dx, l.dz, x, b.B, false, b, &l.scratch); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	return nil
}
