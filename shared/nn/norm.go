package nn

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
)

// A Norm is a LayerNorm as a sublayer, [B, T, D] to [B, T, D]: the end of a pre-norm encoder.
type Norm struct {
	*LayerNorm

	name           string
	rows           Rows
	in, out, dy, d []float32 // packed, with padding only
}

// NewNorm returns a sublayer with parameters name.weight and name.bias.
func NewNorm(name string, d int, eps float32) *Norm {
	return &Norm{LayerNorm: NewLayerNorm(name, d, eps), name: name}
}

// Name implements Sublayer.
func (l *Norm) Name() string { return l.name }

// Shape implements Sublayer: [B, T, D].
func (l *Norm) Shape(b *Batch) []int { return []int{b.B, b.T, len(l.Gamma.Value)} }

// Forward implements Sublayer.
func (l *Norm) Forward(y, x []float32, b *Batch) error {
	r, d := &l.rows, len(l.Gamma.Value)
	if err := r.Set(b); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	if r.Full {
		l.LayerNorm.Forward(y, x, r.N)
		return nil
	}
	out := kernels.Grow(&l.out, r.N*d)
	l.LayerNorm.Forward(out, r.packed(&l.in, x, d), r.N)
	r.Unpack(y, out, d)
	return nil
}

// Backward implements Sublayer.
func (l *Norm) Backward(dx, dy, x, _ []float32, _ *Batch) error {
	r, d := &l.rows, len(l.Gamma.Value)
	if r.Full {
		l.LayerNorm.Backward(dx, dy, x, r.N, false)
		return nil
	}
	var to []float32
	if dx != nil {
		to = kernels.Grow(&l.d, r.N*d)
	}
	l.LayerNorm.Backward(to, r.packed(&l.dy, dy, d), l.in, r.N, false)
	if dx != nil {
		r.Unpack(dx, to, d)
	}
	return nil
}

// add sets y = a + b.
func add(y, a, b []float32) {
	copy(y, a)
	kernels.Add(y, b)
}
