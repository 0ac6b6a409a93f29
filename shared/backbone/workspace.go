package backbone

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// A workspace holds the activations of one call. Rows are packed: N valid ones.
type workspace struct {
	rows   nn.Rows
	x      []float32 // [N, D] the residual path
	branch []float32 // [N, D]
	normed []float32 // [N, D]
	qkv    []float32 // [N, 3D]
	wide   []float32 // [B, T, 3D], with padding only
	outer  []float32 // [B, S+T, 2D], with a prefix only
	heads  []float32 // [B, T, D]
	hidden []float32 // [N, F]
	gate   []float32 // [N, F], with a gate only
	narrow []float32 // [N, R], with a bottleneck only
	made   []float32 // [N, D], with a bottleneck only
	klens  []int32   // [B]
	shape  kernels.AttentionShape

	positions []int32 // [N], the rows' own
	decoder   decoder
	changer   changer
}

// run is Forward and, where of is not nil, ForwardMixed.
func (w *workspace) run(s *Inference, y, x []float32, b *nn.Batch, of []*Inference) error {
	h, err := w.begin(s, x, b, of)
	if err != nil {
		return err
	}
	for i := range s.blocks {
		w.step(s, i, h)
	}
	if s.final != nil {
		s.final.forward(h, h, w.rows.N)
	}
	w.rows.Unpack(y, h, s.config.Hidden)
	return nil
}

// begin gives the residual path [N, D] of x [B, T, D].
func (w *workspace) begin(s *Inference, x []float32, b *nn.Batch, of []*Inference) ([]float32, error) {
	r, d := &w.rows, s.config.Hidden
	if err := r.Set(b); err != nil {
		return nil, err
	}
	w.place()
	w.changer.plan(s, r, of)
	if s.config.PositionKind == "rotary" {
		for _, p := range w.positions {
			if p < 0 || int(p) >= s.config.MaxPositions {
				return nil, fmt.Errorf("position: got %d, want 0 to %d", p, s.config.MaxPositions-1)
			}
		}
	}
	h := kernels.Grow(&w.x, r.N*d)
	r.Pack(h, x, d)
	return h, nil
}

// step changes h [N, D] by block i.
func (w *workspace) step(s *Inference, i int, h []float32) {
	w.decoder.layer, w.changer.layer = i, i
	w.block(s, &s.blocks[i], h)
}

// place sets the position of each row.
func (w *workspace) place() {
	w.positions = w.rows.Positions()
	if w.rows.Batch.Positions != nil {
		return
	}
	for i, c := range w.decoder.caches {
		for at := w.rows.Start(i); at < w.rows.Start(i+1); at++ {
			w.positions[at] += int32(c.n)
		}
	}
}

// block changes h [N, D] by one block.
func (w *workspace) block(s *Inference, l *packedBlock, h []float32) {
	n, d := w.rows.N, s.config.Hidden
	branch, normed := kernels.Grow(&w.branch, n*d), kernels.Grow(&w.normed, n*d)
	if s.config.Norm == "pre" {
		l.attend.forward(normed, h, n)
		w.attention(s, l, branch, normed)
		w.bottleneck(l.attendAdapter, branch)
		kernels.Add(h, branch)
		l.feed.forward(normed, h, n)
		w.feedForward(s, l, branch, normed)
		w.bottleneck(l.feedAdapter, branch)
		kernels.Add(h, branch)
		return
	}
	w.attention(s, l, branch, h)
	w.bottleneck(l.attendAdapter, branch)
	l.attend.forwardSum(normed, branch, h, n)
	w.feedForward(s, l, branch, normed)
	w.bottleneck(l.feedAdapter, branch)
	l.feed.forwardSum(h, branch, normed, n)
}

// feedForward sets y [N, D] from x [N, D].
func (w *workspace) feedForward(s *Inference, l *packedBlock, y, x []float32) {
	n, f, d := w.rows.N, s.config.Intermediate, s.config.Hidden
	hidden := kernels.Grow(&w.hidden, n*f)
	l.up.forward(hidden, x, n)
	w.changer.apply(changeUp, hidden, x, n, f, d)
	l.act.Forward(hidden, hidden)
	if l.gate != nil {
		gate := kernels.Grow(&w.gate, n*f)
		l.gate.forward(gate, x, n)
		w.changer.apply(changeGate, gate, x, n, f, d)
		kernels.Mul(hidden, hidden, gate)
	}
	l.down.forward(y, hidden, n)
	w.changer.apply(changeDown, y, hidden, n, d, f)
}

// forwardSum sets y to the normed x + r, and x to x + r.
func (l *norm) forwardSum(y, x, r []float32, n int) {
	kernels.AddLayerNorm(y, x, nil, nil, x, r, l.gamma, l.beta, n, len(l.gamma), l.eps)
}

// attention sets y [N, D] from x [N, D].
func (w *workspace) attention(s *Inference, l *packedBlock, y, x []float32) {
	r, d := &w.rows, s.config.Hidden
	b := r.Batch
	qkv := kernels.Grow(&w.qkv, r.N*3*d)
	l.qkv.forward(qkv, x, r.N)
	w.changer.apply(changeQKV, qkv, x, r.N, 3*d, d)
	if l.rotary != nil {
		kernels.Rotary(qkv, w.positions, r.N, 2*s.config.Heads, d/s.config.Heads, 3*d, l.rotary.Cos, l.rotary.Sin, false)
	}
	k := d / s.config.Heads
	w.shape = kernels.AttentionShape{
		B: b.B, H: s.config.Heads, K: k, Tq: b.T, Tk: b.T, LdQ: 3 * d, LdKV: 3 * d, LdO: d,
		QLengths: b.Lengths, KLengths: b.Lengths, Causal: l.causal || b.Causal, Window: l.window, Scale: float32(1 / math.Sqrt(float64(k))),
	}
	if w.decoder.caches != nil {
		heads := w.decode(qkv, d)
		l.out.forward(y, heads, r.N)
		w.changer.apply(changeOut, y, heads, r.N, d, d)
		return
	}
	if !r.Full {
		wide := kernels.Grow(&w.wide, b.B*b.T*3*d)
		r.Unpack(wide, qkv, 3*d)
		qkv = wide
	}
	keys, values := qkv[min(d, len(qkv)):], qkv[min(2*d, len(qkv)):]
	if l.prefix != nil {
		outer := w.prepend(l.prefix, qkv, b, d)
		keys, values = outer, outer[d:]
	}
	heads := kernels.Grow(&w.heads, b.B*b.T*d)
	kernels.Attention(heads, nil, qkv, keys, values, &w.shape)
	if !r.Full {
		packed := w.qkv[:r.N*d] // wide holds the projections now
		r.Pack(packed, heads, d)
		heads = packed
	}
	l.out.forward(y, heads, r.N)
	w.changer.apply(changeOut, y, heads, r.N, d, d)
}

// decode returns the outputs of the heads [N, D] for qkv [N, 3D] behind the caches, into which its keys and values go.
func (w *workspace) decode(qkv []float32, d int) []float32 {
	t := &w.decoder
	t.rows, t.qkv, t.heads, t.shape = &w.rows, qkv, kernels.Grow(&w.heads, w.rows.N*d), w.shape
	t.shape.B, t.shape.LdKV, t.shape.Causal = 1, 2*d, true
	t.shape.QLengths, t.shape.KLengths = nil, nil
	kernels.Parallel(len(t.caches), t)
	return t.heads
}

// prepend returns the keys and values of each sample behind those of the prefix [S, 2D], as [B, S+T, 2D], and tells the kernel's
// shape.
func (w *workspace) prepend(prefix, qkv []float32, b *nn.Batch, d int) []float32 {
	s := len(prefix) / (2 * d)
	outer, klens := kernels.Grow(&w.outer, b.B*(s+b.T)*2*d), kernels.Grow(&w.klens, b.B)
	for i := range b.B {
		rows := outer[i*(s+b.T)*2*d:]
		copy(rows, prefix)
		for t := range b.Length(i) {
			copy(rows[(s+t)*2*d:][:2*d], qkv[(i*b.T+t)*3*d+d:])
		}
		klens[i] = int32(s + b.Length(i))
	}
	w.shape.Tk, w.shape.LdKV, w.shape.Offset, w.shape.KLengths = s+b.T, 2*d, s, klens
	return outer
}
