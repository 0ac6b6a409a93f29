package nn

import "github.com/fmkit/fmkit/shared/kernels"

// Backward implements Branch.
func (a *Attention) Backward(dx, dy, x []float32, r *Rows, acc bool, sc *Scratch) error {
	b, d := r.Batch, a.Output.Out()
	s, stride, err := a.external(b)
	if err != nil {
		return err
	}
	inner := dx != nil || a.External != nil && Trainable([]*Param{a.External.Key, a.External.Value})
	for _, l := range a.projections() {
		inner = inner || Trainable(l.Params())
	}
	var heads []float32 // gradient of the heads' outputs, packed
	if inner {
		heads = sc.get(scratchHeads, r.N*d)
	}
	packed := a.heads
	if !r.Full {
		packed = a.rows
	}
	if err := a.Output.Backward(heads, dy, packed, r.N, false, b, sc); err != nil || !inner {
		return err
	}
	qkv, dqkv := a.qkv, sc.get(scratchHidden, b.B*b.T*3*d)
	if !r.Full {
		qkv = a.wide
		padded := kernels.Grow(&a.heads, b.B*b.T*d) // the outputs aren't needed any more
		r.Unpack(padded, heads, d)
		heads = padded
	}
	shape := a.shape(b, s)
	key, value := a.column(1, b.B*b.T), a.column(2, b.B*b.T)
	k, v, dk, dv := qkv[key:], qkv[value:], dqkv[key:], dqkv[value:]
	if s > 0 {
		outer := sc.get(scratchOutside, len(a.outer))
		k, v, dk, dv = a.outer, a.outer[d:], outer, outer[d:]
	}
	kernels.AttentionBackward(dqkv, dk, dv, heads, qkv, k, v, a.probs, &shape)
	if s > 0 {
		a.detach(dqkv, dk, b, s, stride)
	}
	if !r.Full {
		packed := sc.get(scratchPadded, r.N*3*d)
		a.pack(packed, dqkv, r)
		dqkv = packed
	}
	if err := a.rotate(dqkv, r, true); err != nil {
		return err
	}
	return a.backwardProjections(dx, dqkv, x, r, acc, sc)
}

// detach takes the gradients outer [B, S+T, 2D] apart: those of the sequence into dqkv [B, T, 3D], those of the external
// positions into their parameters.
func (a *Attention) detach(dqkv, outer []float32, b *Batch, s, stride int) {
	d := a.Output.Out()
	dk, dv := a.External.Key.wanted(), a.External.Value.wanted()
	for i := range b.B {
		rows := outer[i*(s+b.T)*2*d:]
		for t := range s {
			at := i*stride + t*d
			if dk != nil {
				kernels.Add(dk[at:at+d], rows[t*2*d:])
			}
			if dv != nil {
				kernels.Add(dv[at:at+d], rows[t*2*d+d:])
			}
		}
		for t := range b.T {
			copy(dqkv[(i*b.T+t)*3*d+d:][:2*d], rows[(s+t)*2*d:])
		}
	}
}

// backwardProjections takes dqkv [N, 3D] through the three projections, in one product where none has a Delta and all are
// trained or all are frozen.
func (a *Attention) backwardProjections(dx, dqkv, x []float32, r *Rows, acc bool, sc *Scratch) error {
	d := a.Output.Out()
	weights, biases, deltas := 0, 0, 0
	for _, l := range a.projections() {
		weights += count(!l.W.Frozen)
		biases += count(l.B != nil && !l.B.Frozen)
		deltas += count(l.Delta != nil)
	}
	if deltas > 0 || a.split || weights%3 != 0 || biases%3 != 0 {
		return a.backwardEach(dx, dqkv, x, r, acc, sc)
	}
	if weights == 3 {
		for _, l := range a.projections() {
			l.W.NeedGrad()
		}
		kernels.MatMulTN(a.weight.all(), dqkv, x, 3*d, d, r.N, true)
	}
	if biases == 3 {
		for _, l := range a.projections() {
			l.B.NeedGrad()
		}
		kernels.ColumnSum(a.bias.all(), dqkv, r.N, 3*d)
	}
	if dx != nil {
		kernels.MatMul(dx, dqkv, a.weights, r.N, d, 3*d, acc)
	}
	return nil
}

// backwardEach is backwardProjections one projection at a time. The chains of dx run over query, key and value in the same
// order as in the one product, so freezing a projection changes no bit of the rest.
func (a *Attention) backwardEach(dx, dqkv, x []float32, r *Rows, acc bool, sc *Scratch) error {
	d := a.Output.Out()
	for i, l := range a.projections() {
		if dx == nil && !Trainable(l.Params()) {
			continue
		}
		dy := dqkv[a.column(i, r.N):]
		if a.split {
			dy = dy[:r.N*d]
		} else {
			dy = sc.get(scratchHeads, r.N*d)
			takeColumns(dy, dqkv[i*d:], r.N, d, 3*d)
		}
		if err := l.Backward(dx, dy, x, r.N, acc || i > 0, r.Batch, sc); err != nil {
			return err
		}
	}
	return nil
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
