package nn

import "github.com/fmkit/fmkit/shared/kernels"

// Queries, keys and values lie beside each other, [N, 3D], as one product leaves them, or, where there are three products, one after another, 3 [N, D], so that each
// has its gradient as it needs it.

// stride is how far the rows of a projection lie apart.
func (a *Attention) stride() int {
	if a.split {
		return a.Output.Out()
	}
	return 3 * a.Output.Out()
}

// column returns where projection i begins in an array of n rows.
func (a *Attention) column(i, n int) int {
	if a.split {
		return i * n * a.Output.Out()
	}
	return i * a.Output.Out()
}

// unpack sets wide [B, T, 3D] to qkv [N, 3D] and zero elsewhere; pack is its inverse.
func (a *Attention) unpack(wide, qkv []float32, r *Rows) {
	if !a.split {
		r.Unpack(wide, qkv, a.stride())
		return
	}
	for i := range 3 {
		r.Unpack(wide[a.column(i, r.Batch.B*r.Batch.T):], qkv[a.column(i, r.N):], a.stride())
	}
}

func (a *Attention) pack(qkv, wide []float32, r *Rows) {
	if !a.split {
		r.Pack(qkv, wide, a.stride())
		return
	}
	for i := range 3 {
		r.Pack(qkv[a.column(i, r.N):], wide[a.column(i, r.Batch.B*r.Batch.T):], a.stride())
	}
}

// rotate turns the queries and keys of qkv by their positions.
func (a *Attention) rotate(qkv []float32, r *Rows, inverse bool) error {
	if a.Rotary == nil || r.N == 0 {
		return nil
	}
	d, positions := a.Output.Out(), r.Positions()
	if err := a.Rotary.check(positions); err != nil {
		return err
	}
	k := d / a.Heads
	if !a.split {
		kernels.Rotary(qkv, positions, r.N, 2*a.Heads, k, 3*d, a.Rotary.Cos, a.Rotary.Sin, inverse)
		return nil
	}
	for i := range 2 {
		kernels.Rotary(qkv[a.column(i, r.N):], positions, r.N, a.Heads, k, d, a.Rotary.Cos, a.Rotary.Sin, inverse)
	}
	return nil
}
