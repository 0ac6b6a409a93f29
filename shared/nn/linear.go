package nn

import "github.com/fmkit/fmkit/shared/kernels"

// A Linear maps rows x [N, In] to x Wᵀ + B [N, Out].
type Linear struct {
	W, B  *Param // [Out, In], [Out]; B nil: no bias
	Input *Param // [1, In]: what W is given is x with its columns multiplied by this (IA3); nil: x
	Delta Delta  // nil: none

	scaled []float32 // [N, In], with Input only
	scaler ColumnScaler
}

// A Delta changes the output of a Linear: by adding a low-rank product, by scaling. It keeps what its Backward needs and
// serves one run at a time, like the sublayer it lies in.
type Delta interface {
	Params() []*Param

	// Forward changes y [N, Out], the output without the change, given x [N, In].
	Forward(y, x []float32, n int, b *Batch) error

	// Backward adds to the gradients of the parameters and to dx [N, In] (nil: not wanted) what the change contributes, and turns dy [N, Out]
	// into the gradient of the output without the change.
	Backward(dx, dy, x []float32, n int, b *Batch) error

	// Merge changes copies of the weights w [Out, In] and the bias [Out] (nil: none) for inference.
	Merge(w, bias []float32)
}

// An Adder is a Delta that says whether it only adds to the output: then its Backward leaves dy alone, which saves a copy.
type Adder interface{ Adds() bool }

// A LowRank is an Adder that adds a product of little depth, which is computed in one pass with that of the weights. To Linear and Attention it is the same change as by its
// Forward and Backward, to the bit.
type LowRank interface {
	Delta
	Adder

	// Inner returns u [N, R] and v [Out, R]: Forward adds u vᵀ to the output. They are valid until Backward.
	Inner(x []float32, n int, b *Batch) (u, v []float32, r int, err error)

	// InnerBackward does what Backward does but for dx, and returns u [N, R] and v [R, In], whose product is to be added to dx; ok is false, with nothing done, where
	// that isn't how dx comes about, and Backward has to be called.
	InnerBackward(dy, x []float32, n int, b *Batch) (u, v []float32, r int, ok bool)
}

// NewLinear returns a layer with parameters name.weight and name.bias.
func NewLinear(name string, in, out int) *Linear {
	return &Linear{W: newInit(initNormal, name+".weight", out, in), B: newInit(initZeros, name+".bias", out)}
}

// Out returns the number of outputs.
func (l *Linear) Out() int { return l.W.Shape[0] }

// In returns the number of inputs.
func (l *Linear) In() int { return l.W.Shape[1] }

// Params returns the weights, the bias and the parameters of the changes.
func (l *Linear) Params() []*Param {
	params := []*Param{l.W}
	if l.B != nil {
		params = append(params, l.B)
	}
	if l.Input != nil {
		params = append(params, l.Input)
	}
	if l.Delta != nil {
		params = append(params, l.Delta.Params()...)
	}
	return params
}

// Forward sets y [N, Out] from x [N, In]. Without changes it keeps nothing and is safe for concurrent use.
func (l *Linear) Forward(y, x []float32, n int, b *Batch) error {
	fed := x
	if l.Input != nil {
		fed = kernels.Grow(&l.scaled, n*l.In())
		l.scaler.Scale(fed, x, l.Input.Value, n)
	}
	if low, ok := l.Delta.(LowRank); ok && n > 0 {
		return l.forwardLow(y, l.Out(), fed, x, low, n, b)
	}
	if l.B != nil {
		kernels.MatMulNTBias(y, fed, l.W.Value, l.B.Value, n, l.Out(), l.In())
	} else {
		kernels.MatMulNT(y, fed, l.W.Value, n, l.Out(), l.In(), false)
	}
	if l.Delta == nil {
		return nil
	}
	return l.Delta.Forward(y, x, n, b)
}

// forwardLow is the end of Forward with a change of low rank: it sets y [N, Out], of row stride ldy, from what W is given and x.
func (l *Linear) forwardLow(y []float32, ldy int, fed, x []float32, low LowRank, n int, b *Batch) error {
	u, v, r, err := low.Inner(x, n, b)
	if err != nil {
		return err
	}
	var bias []float32
	if l.B != nil {
		bias = l.B.Value
	}
	kernels.MatMulNTThin(y, ldy, fed, l.W.Value, bias, u, v, n, l.Out(), l.In(), r)
	return nil
}

// Backward sets dx [N, In] (nil: not wanted), or adds to it, from dy [N, Out], which it leaves alone, and x [N, In].
func (l *Linear) Backward(dx, dy, x []float32, n int, acc bool, b *Batch, s *Scratch) error {
	if low, ok := l.Delta.(LowRank); ok && n > 0 && dx != nil && l.Input == nil {
		if u, v, r, ok := low.InnerBackward(dy, x, n, b); ok {
			l.backwardOwn(dy, x, n)
			kernels.MatMulThin(dx, dy, l.W.Value, u, v, n, l.In(), l.Out(), r, acc)
			return nil
		}
	}
	if l.Delta != nil {
		if dx != nil && !acc {
			clear(dx[:n*l.In()])
		}
		acc = true
		if a, ok := l.Delta.(Adder); !ok || !a.Adds() {
			own := s.get(scratchDelta, n*l.Out())
			copy(own, dy)
			dy = own
		}
		if err := l.Delta.Backward(dx, dy, x, n, b); err != nil {
			return err
		}
	}
	fed := x
	if l.Input != nil {
		fed = l.scaled[:n*l.In()]
	}
	l.backwardOwn(dy, fed, n)
	switch {
	case l.Input != nil:
		l.backwardInput(dx, dy, x, n, acc, s)
	case dx != nil:
		kernels.MatMul(dx, dy, l.W.Value, n, l.In(), l.Out(), acc)
	}
	return nil
}

// backwardOwn adds to the gradients of W and B, from dy [N, Out] and what W was given, [N, In].
func (l *Linear) backwardOwn(dy, fed []float32, n int) {
	if g := l.W.wanted(); g != nil {
		kernels.MatMulTN(g, dy, fed, l.Out(), l.In(), n, true)
	}
	if g := l.B.wanted(); g != nil {
		kernels.ColumnSum(g, dy, n, l.Out())
	}
}

// backwardInput is the end of Backward for columns of x that were multiplied. It uses up what W was given.
func (l *Linear) backwardInput(dx, dy, x []float32, n int, acc bool, s *Scratch) {
	size := n * l.In()
	g := l.Input.wanted()
	if g == nil && dx == nil {
		return
	}
	fed := s.get(scratchInput, size) // gradient of what W was given
	kernels.MatMul(fed, dy, l.W.Value, n, l.In(), l.Out(), false)
	product := l.scaled[:size]
	if g != nil {
		kernels.Mul(product, fed, x)
		kernels.ColumnSum(g, product, n, l.In())
	}
	switch {
	case dx == nil:
	case acc:
		l.scaler.Scale(product, fed, l.Input.Value, n)
		kernels.Add(dx[:size], product)
	default:
		l.scaler.Scale(dx, fed, l.Input.Value, n)
	}
}

// Merged returns the weights [Out, In] and bias [Out] (nil: none) with the changes in them. They are the parameters' own
// values when there are none.
func (l *Linear) Merged() (w, bias []float32) {
	w = l.W.Value
	if l.B != nil {
		bias = l.B.Value
	}
	if l.Input != nil || l.Delta != nil {
		w, bias = append([]float32(nil), w...), append([]float32(nil), bias...)
	}
	if l.Input != nil {
		new(ColumnScaler).Scale(w, w, l.Input.Value, l.Out())
	}
	if l.Delta != nil {
		l.Delta.Merge(w, bias)
	}
	return w, bias
}
