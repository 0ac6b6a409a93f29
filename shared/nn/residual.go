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
type Residual struct {
	Branch  Branch
	Norm    *LayerNorm // nil: none, pre-norm only
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
	if l.Norm == nil {
		return l.Branch.Params()
	}
	return append(l.Branch.Params(), l.Norm.Params()...)
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
	out := sum
	if l.Dropout > 0 && r.Batch.Train {
		out = s.get(scratchBranch, n)
		if err := r.dropout(out, sum, l.site, l.Dropout, d); err != nil {
			return err
		}
	}
	return l.Branch.Backward(dx, out, x, r, true, s)
}

func (l *Residual) backwardPre(dx, dy, x []float32) error {
	r, s, d := &l.rows, l.Scratch, l.d
	n := r.N * d
	out := dy
	if l.Dropout > 0 && r.Batch.Train {
		out = s.get(scratchBranch, n)
		if err := r.dropout(out, dy, l.site, l.Dropout, d); err != nil {
			return err
		}
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
