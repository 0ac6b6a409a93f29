package nn

import (
	"fmt"
	"sync"

	"github.com/fmkit/fmkit/shared/kernels"
)

// Infer sets y [B, T, D] from ids [B, T] and types [B, T] (nil: all 0) without dropout, zero on padding. It keeps nothing and is safe
// for concurrent use.
func (e *Embedding) Infer(y []float32, ids, types []int32, b *Batch) error {
	if err := b.Validate(); err != nil {
		return fmt.Errorf("nn: %s: %w", e.name, err)
	}
	d := e.width()
	if len(ids) != b.B*b.T || types != nil && len(types) != b.B*b.T || len(y) != b.B*b.T*d || b.T > len(e.ramp) {
		return fmt.Errorf("nn: %s: got %d ids, %d types and %d outputs of length %d, want %d, %d and at most %d", e.name, len(ids), len(types), len(y), b.T, b.B*b.T, b.B*b.T*d, len(e.ramp))
	}
	for i := range b.B {
		at, n := i*b.T, b.Length(i)
		rows := y[at*d : (at+b.T)*d]
		positions := e.ramp[:n]
		if b.Positions != nil {
			positions = b.Positions[at : at+n]
		}
		var kinds []int32
		if types != nil {
			kinds = types[at : at+n]
		}
		if err := e.inferRow(rows[:n*d], ids[at:at+n], kinds, positions); err != nil {
			return fmt.Errorf("nn: %s: sample %d: %w", e.name, i, err)
		}
		clear(rows[n*d:])
	}
	return nil
}

// inferRow embeds one sample of n tokens into y [n, D].
func (e *Embedding) inferRow(y []float32, ids, types, positions []int32) error {
	n := len(ids)
	if types == nil && e.Type != nil {
		types = e.none[:n]
	}
	sum := y
	if e.Project != nil {
		buf := e.spare.Get().(*[]float32)
		defer e.spare.Put(buf)
		sum = kernels.Grow(buf, n*e.inner())
	}
	if err := e.lookup(sum, ids, types, positions); err != nil {
		return err
	}
	e.Norm.Infer(sum, sum, n)
	if e.Project == nil {
		return nil
	}
	return e.Project.Forward(y, sum, n, nil)
}

func newSpare() *sync.Pool { return &sync.Pool{New: func() any { return new([]float32) }} }
