package nn

import "github.com/fmkit/fmkit/shared/kernels"

// A Linear maps rows x [N, In] to x Wᵀ + B [N, Out].
type Linear struct {
	W, B  *Param // [Out, In], [Out]; B nil: no bias
	Delta Delta  // nil: none
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

// NewLinear returns a layer with parameters name.weight and name.bias.
func NewLinear(name string, in, out int) *Linear {
	return &Linear{W: newInit(initNormal, name+".weight", out, in), B: newInit(initZeros, name+".bias", out)}
}

// Out returns the number of outputs.
func (l *Linear) Out() int { return l.W.Shape[0] }

// In returns the number of inputs.
func (l *Linear) In() int { return l.W.Shape[1] }

// Params returns the weights, the bias and the parameters of the delta.
func (l *Linear) Params() []*Param {
	params := []*Param{l.W}
	if l.B != nil {
		params = append(params, l.B)
	}
	if l.Delta != nil {
		params = append(params, l.Delta.Params()...)
	}
	return params
}

// Forward sets y [N, Out] from x [N, In]. Without a Delta it keeps nothing and is safe for concurrent use.
func (l *Linear) Forward(y, x []float32, n int, b *Batch) error {
	if l.B != nil {
		kernels.MatMulNTBias(y, x, l.W.Value, l.B.Value, n, l.Out(), l.In())
	} else {
		kernels.MatMulNT(y, x, l.W.Value, n, l.Out(), l.In(), false)
	}
	if l.Delta == nil {
		return nil
	}
	return l.Delta.Forward(y, x, n, b)
}

// Backward sets dx [N, In] (nil: not wanted), or adds to it, from dy [N, Out], which it leaves alone, and x [N, In].
func (l *Linear) Backward(dx, dy, x []float32, n int, acc bool, b *Batch, s *Scratch) error {
	if l.Delta != nil {
		if dx != nil && !acc {
			clear(dx[:n*l.In()])
		}
		own := s.get(scratchDelta, n*l.Out())
		copy(own, dy)
		dy, acc = own, true
		if err := l.Delta.Backward(dx, dy, x, n, b); err != nil {
			return err
		}
	}
	if g := l.W.wanted(); g != nil {
		kernels.MatMulTN(g, dy, x, l.Out(), l.In(), n, true)
	}
	if g := l.B.wanted(); g != nil {
		kernels.ColumnSum(g, dy, n, l.Out())
	}
	if dx != nil {
		kernels.MatMul(dx, dy, l.W.Value, n, l.In(), l.Out(), acc)
	}
	return nil
}

// Merged returns the weights [Out, In] and bias [Out] (nil: none) with the delta in them. They are the parameters' own
// values when there is no delta.
func (l *Linear) Merged() (w, bias []float32) {
	w = l.W.Value
	if l.B != nil {
		bias = l.B.Value
	}
	if l.Delta != nil {
		w, bias = append([]float32(nil), w...), append([]float32(nil), bias...)
		l.Delta.Merge(w, bias)
	}
	return w, bias
}
