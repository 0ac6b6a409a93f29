package peft

import (
	"slices"

	"github.com/fmkit/fmkit/shared/nn"
)

// deltas are several changes of one layer: each changes the output that those before it leave.
type deltas []nn.Delta

// push puts d on l above what is there.
func push(l *nn.Linear, d nn.Delta) {
	switch under := l.Delta.(type) {
	case nil:
		l.Delta = d
	case *deltas:
		*under = append(*under, d)
	default:
		l.Delta = &deltas{under, d}
	}
}

// pull takes d off l.
func pull(l *nn.Linear, d nn.Delta) {
	all, ok := l.Delta.(*deltas)
	if !ok {
		if l.Delta == d {
			l.Delta = nil
		}
		return
	}
	if i := slices.Index(*all, d); i >= 0 {
		*all = slices.Delete(*all, i, i+1)
	}
	if len(*all) == 1 {
		l.Delta = (*all)[0]
	}
}

// Params implements nn.Delta.
func (d *deltas) Params() []*nn.Param {
	var all []*nn.Param
	for _, one := range *d {
		all = append(all, one.Params()...)
	}
	return all
}

// Adds implements nn.Adder.
func (d *deltas) Adds() bool {
	for _, one := range *d {
		if a, ok := one.(nn.Adder); !ok || !a.Adds() {
			return false
		}
	}
	return true
}

// Forward implements nn.Delta.
func (d *deltas) Forward(y, x []float32, n int, b *nn.Batch) error {
	for _, one := range *d {
		if err := one.Forward(y, x, n, b); err != nil {
			return err
		}
	}
	return nil
}

// Backward implements nn.Delta.
func (d *deltas) Backward(dx, dy, x []float32, n int, b *nn.Batch) error {
	for _, one := range slices.Backward(*d) {
		if err := one.Backward(dx, dy, x, n, b); err != nil {
			return err
		}
	}
	return nil
}

// Merge implements nn.Delta.
func (d *deltas) Merge(w, bias []float32) {
	for _, one := range *d {
		one.Merge(w, bias)
	}
}
