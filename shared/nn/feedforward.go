package nn

import "github.com/fmkit/fmkit/shared/kernels"

// A FeedForward maps each row by two linear layers with an activation between them, the second half of a block:
//
//	plain  y = Down(act(Up(x)))
//	gated  y = Down(act(Up(x)) * Gate(x))     (Shazeer, "GLU Variants Improve Transformer", 2020)
type FeedForward struct {
	Up, Down *Linear // [F, D], [D, F]
	Gate     *Linear // [F, D], nil: plain
	Act      Activation

	pre, post, gate, act []float32 // [N, F]: before and after the activation; gate and act with a gate only, when post is their product
}

// NewFeedForward returns a plain layer whose parts are named up and down.
func NewFeedForward(up, down string, d, hidden int, act Activation) *FeedForward {
	return &FeedForward{Up: NewLinear(up, d, hidden), Down: NewLinear(down, hidden, d), Act: act}
}

// Params implements Branch.
func (f *FeedForward) Params() []*Param {
	params := f.Up.Params()
	if f.Gate != nil {
		params = append(params, f.Gate.Params()...)
	}
	return append(params, f.Down.Params()...)
}

// Forward implements Branch.
func (f *FeedForward) Forward(y, x []float32, r *Rows, _ *Scratch) error {
	n := r.N * f.Up.Out()
	pre, post := kernels.Grow(&f.pre, n), kernels.Grow(&f.post, n)
	if err := f.Up.Forward(pre, x, r.N, r.Batch); err != nil {
		return err
	}
	if f.Gate == nil {
		f.Act.Forward(post, pre)
	} else {
		gate, act := kernels.Grow(&f.gate, n), kernels.Grow(&f.act, n)
		if err := f.Gate.Forward(gate, x, r.N, r.Batch); err != nil {
			return err
		}
		f.Act.Forward(act, pre)
		kernels.Mul(post, act, gate)
	}
	return f.Down.Forward(y, post, r.N, r.Batch)
}

// Backward implements Branch.
func (f *FeedForward) Backward(dx, dy, x []float32, r *Rows, acc bool, s *Scratch) error {
	n := r.N * f.Up.Out()
	gated := f.Gate != nil && (dx != nil || Trainable(f.Gate.Params()))
	var hidden []float32 // gradient of post, then of pre
	if dx != nil || gated || Trainable(f.Up.Params()) {
		hidden = s.get(scratchHidden, n)
	}
	if err := f.Down.Backward(hidden, dy, f.post, r.N, false, r.Batch, s); err != nil || hidden == nil {
		return err
	}
	if f.Gate != nil {
		kernels.Mul(f.act, hidden, f.act)   // gradient of the gate
		kernels.Mul(hidden, hidden, f.gate) // gradient of the activated half
	}
	if gated {
		if err := f.Gate.Backward(dx, f.act, x, r.N, acc, r.Batch, s); err != nil {
			return err
		}
		acc = true
	}
	f.Act.Backward(hidden, hidden, f.pre)
	return f.Up.Backward(dx, hidden, x, r.N, acc, r.Batch, s)
}
