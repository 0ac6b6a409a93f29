package kernels

import "sync"

// A ranges is a Task that cuts n items (rows, columns or elements) into parts of chunk items and gives each part to
// kernel, with the arguments of the call.
type ranges[A any] struct {
	args     A
	kernel   func(a *A, lo, hi int)
	n, chunk int
}

// Run does the items of one part.
func (r *ranges[A]) Run(part int) {
	lo := part * r.chunk
	r.kernel(&r.args, lo, min(lo+r.chunk, r.n))
}

// A ranger runs kernels over ranges; it keeps its tasks for reuse, so that a call makes no garbage.
type ranger[A any] struct{ free sync.Pool }

const (
	minWork        = 1 << 14 // element steps below which a part isn't worth handing to another worker
	partsPerWorker = 4       // a few, so that a slow worker doesn't hold the others up
)

// run calls kernel on ranges that cover the n items. An item costs cost element steps; parts but the last begin and end
// at multiples of step.
func (p *ranger[A]) run(kernel func(a *A, lo, hi int), args A, n, cost, step int) {
	if n == 0 {
		return
	}
	r, ok := p.free.Get().(*ranges[A])
	if !ok {
		r = new(ranges[A])
	}
	chunk := n
	if w := Workers(); w > 1 {
		chunk = max((n+w*partsPerWorker-1)/(w*partsPerWorker), minWork/max(cost, 1), 1)
		chunk = (chunk + step - 1) / step * step
	}
	r.args, r.kernel, r.n, r.chunk = args, kernel, n, chunk
	Parallel((n+chunk-1)/chunk, r)
	var none A
	r.args = none // keep nothing of the caller alive
	p.free.Put(r)
}
