package nn

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// A Branch maps packed rows x [N, D] to y [N, D] beside the residual path: an Attention or a FeedForward.
type Branch interface {
	Params() []*Param
	Forward(y, x []float32, r *Rows, s *Scratch) error

	// Backward sets dx (nil: not wanted), or adds to it, from dy, which it leaves alone; dx may be dy when it adds.
	Backward(dx, dy, x []float32, r *Rows, acc bool, s *Scratch) error
}

// A Residual is half a block, a sublayer that maps [B, T, D] to [B, T, D] around its branch f:
//
//	post-norm  y = Norm(x + Dropout(f(x)))     (Vaswani et al., 2017)
//	pre-norm   y = x + Dropout(f(Norm(x)))     (Xiong et al., 2020)
//
// An Adapter changes what is added to x.
type Residual struct {
	Branch  Branch
	Adapter *Bottleneck // nil: none
	Norm    *LayerNorm  // nil: none, pre-norm only
	PreNorm bool
	Dropout float32
	Scratch *Scratch // shared by a chain

	name   string
	site   uint64
	d      int // D
	rows   Rows
	in     []float32 // x packed, with padding only
	sum    []float32 // x + branch (post-norm)
	normed []float32 // Norm(x) (pre-norm)
}

// NewResidual returns a sublayer around branch. The name keys its dropout.
func NewResidual(name string, branch Branch, norm *LayerNorm, preNorm bool, dropout float32) *Residual {
	return &Residual{
		Branch: branch, Norm: norm, PreNorm: preNorm, Dropout: dropout, Scratch: new(Scratch),
		name: name, site: random.Key(0, name+".dropout"), d: len(norm.Gamma.Value),
	}
}

// Name implements Sublayer.
func (l *Residual) Name() string { return l.name }

// Params implements Sublayer.
func (l *Residual) Params() []*Param {
	params := l.Branch.Params()
	if l.Adapter != nil {
		params = append(params, l.Adapter.Params()...)
	}
	if l.Norm != nil {
		params = append(params, l.Norm.Params()...)
	}
	return params
}

// Shape implements Sublayer: [B, T, D].
func (l *Residual) Shape(b *Batch) []int { return []int{b.B, b.T, l.d} }

// Forward implements Sublayer.
func (l *Residual) Forward(y, x []float32, b *Batch) error {
	r, s, d := &l.rows, l.Scratch, l.d
	if err := r.Set(b); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	n := r.N * d
	x, out, to := r.packed(&l.in, x, d), s.get(scratchOut, n), y
	if !r.Full {
		to = s.get(scratchRows, n)
	}
	fed := x
	if l.PreNorm && l.Norm != nil {
		fed = kernels.Grow(&l.normed, n)
		l.Norm.Forward(fed, x, r.N)
	}
	if err := l.Branch.Forward(out, fed, r, s); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	if err := r.dropout(out, out, l.site, l.Dropout, d); err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	if l.Adapter != nil {
		if err := l.Adapter.Forward(out, r); err != nil {
			return fmt.Errorf("nn: %s: %w", l.name, err)
		}
	}
	if l.PreNorm {
		add(to[:n], x, out)
	} else {
		l.Norm.forwardSum(to, kernels.Grow(&l.sum, n), out, x, r.N)
	}
	if !r.Full {
		r.Unpack(y, to, d)
	}
	return nil
}

// Backward implements Sublayer.
func (l *Residual) Backward(dx, dy, x, _ []float32, _ *Batch) error {
	r, s, d := &l.rows, l.Scratch, l.d
	n := r.N * d
	to := dx
	if !r.Full {
		x = l.in[:n]
		packed := s.get(scratchRows, n)
		r.Pack(packed, dy, d)
		dy = packed
		if dx != nil {
			to = s.get(scratchSum, n)
		}
	}
	var err error
	if l.PreNorm {
		err = l.backwardPre(to, dy, x)
	} else {
		err = l.backwardPost(to, dy, x)
	}
	if err != nil {
		return fmt.Errorf("nn: %s: %w", l.name, err)
	}
	if dx != nil && !r.Full {
		r.Unpack(dx, to, d)
	}
	return nil
}

// backwardPost works on packed rows [N, D], as backwardPre does.
func (l *Residual) backwardPost(dx, dy, x []float32) error {
	r, s, d := &l.rows, l.Scratch, l.d
	n := r.N * d
	sum := dx // gradient of the sum: the residual path's share of dx
	if dx == nil {
		sum = s.get(scratchSum, n)
	}
	l.Norm.Backward(sum, dy, l.sum, r.N, false)
	out, err := l.backwardAdded(sum)
	if err != nil {
		return err
	}
	return l.Branch.Backward(dx, out, x, r, true, s)
}

// backwardAdded gives the gradient [N, D] of the branch's output from that of what is added to the residual path, which stays as it is.
func (l *Residual) backwardAdded(added []float32) ([]float32, error) {
	r, s, d := &l.rows, l.Scratch, l.d
	if l.Adapter != nil {
		out := s.get(scratchBranch, r.N*d)
		if err := l.Adapter.Backward(out, added, r, s); err != nil {
			return nil, err
		}
		added = out
	}
	if l.Dropout == 0 || !r.Batch.Train {
		return added, nil
	}
	out := s.get(scratchBranch, r.N*d)
	return out, r.dropout(out, added, l.site, l.Dropout, d)
}

func (l *Residual) backwardPre(dx, dy, x []float32) error {
	r, s, d := &l.rows, l.Scratch, l.d
	n := r.N * d
	out, err := l.backwardAdded(dy)
	if err != nil {
		return err
	}
	if l.Norm == nil {
		if dx != nil {
			copy(dx[:n], dy)
		}
		return l.Branch.Backward(dx, out, x, r, true, s)
	}
	var normed []float32
	if dx != nil || Trainable(l.Norm.Params()) {
		normed = s.get(scratchNorm, n)
	}
	if err := l.Branch.Backward(normed, out, l.normed, r, false, s); err != nil || normed == nil {
		return err
	}
	if dx != nil {
		copy(dx[:n], dy)
	}
	l.Norm.Backward(dx, normed, x, r.N, true)
	return nil
}
