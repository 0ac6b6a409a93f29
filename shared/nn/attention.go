package nn

import (
	"fmt"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// An Attention is multi-head self-attention (Vaswani et al., 2017), the first half of a block. The weights of the three
// projections are views of one array [3D, D], so that one product serves them.
type Attention struct {
	Query, Key, Value *Linear // [D, D]; all three have a bias or none has
	Output            *Linear // [D, D]

	Heads    int
	Causal   bool    // a token sees itself and what stands before it, whatever the batch says
	Window   int     // > 0: a token sees Window/2 tokens on each side
	Dropout  float32 // of the probabilities
	Rotary   *Rotary // nil: none
	External *External

	site            uint64
	weights, biases []float32 // [3D, D], [3D]
	weight, bias    *fused    // their gradients

	split bool      // of the last forward: the three projections lie one after another, 3 [N, D], as three products leave them
	qkv   []float32 // [N, 3D], or [B, T, 3D] without padding
	wide  []float32 // [B, T, 3D], with padding only
	outer []float32 // [B, S+T, 2D], with external positions only
	probs []float32 // [B, H, T, S+T]
	heads []float32 // [B, T, D] outputs of the heads
	rows  []float32 // [N, D] the same packed, with padding only
	klens []int32   // [B]
	keys  []uint64  // [B]
}

// External are keys and values from outside the sequence that every query sees before its own: learnt ones (prefix tuning, Li and
// Liang, 2021) or a cache. Key and Value are [S, D], shared by all samples, or [B, S, D].
type External struct {
	Key, Value *Param
}

// NewAttention returns a layer over width d; self names the query, key and value, output the output projection.
func NewAttention(self, output string, d, heads int) *Attention {
	names := func(end string) []string {
		return []string{self + ".query" + end, self + ".key" + end, self + ".value" + end}
	}
	a := &Attention{Heads: heads, Output: NewLinear(output, d, d), site: random.Key(0, self+".dropout")}
	var w, b []*Param
	w, a.weights, a.weight = newFused(initNormal, names(".weight"), d, d)
	b, a.biases, a.bias = newFused(initZeros, names(".bias"), d)
	a.Query, a.Key, a.Value = &Linear{W: w[0], B: b[0]}, &Linear{W: w[1], B: b[1]}, &Linear{W: w[2], B: b[2]}
	return a
}

func (a *Attention) projections() [3]*Linear { return [3]*Linear{a.Query, a.Key, a.Value} }

// Params implements Branch.
func (a *Attention) Params() []*Param {
	var params []*Param
	for _, l := range a.projections() {
		params = append(params, l.Params()...)
	}
	params = append(params, a.Output.Params()...)
	if a.External != nil {
		params = append(params, a.External.Key, a.External.Value)
	}
	return params
}

// external returns S and how far the external positions of successive samples lie apart.
func (a *Attention) external(b *Batch) (s, stride int, err error) {
	if a.External == nil {
		return 0, 0, nil
	}
	d := a.Output.Out()
	k, v := a.External.Key.Shape, a.External.Value.Shape
	n := len(k)
	if n < 2 || n > 3 || k[n-1] != d || n == 3 && k[0] != b.B || !slices.Equal(k, v) {
		return 0, 0, fmt.Errorf("attention: external keys and values: got %v and %v, want [S %d] or [%d S %d]", k, v, d, b.B, d)
	}
	if n == 3 {
		stride = k[1] * d
	}
	return k[n-2], stride, nil
}

// shape returns the kernel's shape for a batch with s external positions.
func (a *Attention) shape(b *Batch, s int) kernels.AttentionShape {
	d := a.Output.Out()
	k := d / a.Heads
	ld := a.stride()
	shape := kernels.AttentionShape{
		B: b.B, H: a.Heads, K: k, Tq: b.T, Tk: s + b.T, LdQ: ld, LdKV: ld, LdO: d,
		QLengths: b.Lengths, KLengths: b.Lengths, Causal: a.Causal || b.Causal, Offset: s, Window: a.Window, Scale: headScale(k),
	}
	if s > 0 {
		shape.LdKV = 2 * d
		if b.Lengths != nil {
			lens := kernels.Grow(&a.klens, b.B)
			for i, n := range b.Lengths {
				lens[i] = n + int32(s)
			}
			shape.KLengths = lens
		}
	}
	if b.Train && a.Dropout > 0 {
		shape.Dropout, shape.Keys = a.Dropout, kernels.Grow(&a.keys, b.B)
		for i, key := range b.Keys {
			shape.Keys[i] = random.Mix(key, a.site)
		}
	}
	return shape
}

// headScale is 1/sqrt(K), the exact operations of float64 rounded once.
func headScale(k int) float32 { return float32(1 / math.Sqrt(float64(k))) }

// Forward implements Branch.
func (a *Attention) Forward(y, x []float32, r *Rows, _ *Scratch) error {
	b, d := r.Batch, a.Output.Out()
	if b.Train && a.Dropout > 0 && b.Keys == nil {
		return fmt.Errorf("attention: got no keys, want %d for dropout", b.B)
	}
	s, stride, err := a.external(b)
	if err != nil {
		return err
	}
	qkv := kernels.Grow(&a.qkv, r.N*3*d)
	a.split = s == 0 && a.allLow() && r.N > 0
	if err := a.project(qkv, x, r); err != nil {
		return err
	}
	if err := a.rotate(qkv, r, false); err != nil {
		return err
	}
	if !r.Full {
		wide := kernels.Grow(&a.wide, b.B*b.T*3*d)
		a.unpack(wide, qkv, r)
		qkv = wide
	}
	shape := a.shape(b, s)
	k, v := qkv[a.column(1, b.B*b.T):], qkv[a.column(2, b.B*b.T):]
	if s > 0 {
		outer := kernels.Grow(&a.outer, b.B*(s+b.T)*2*d)
		a.prepend(outer, qkv, b, s, stride)
		k, v = outer, outer[d:]
	}
	heads := kernels.Grow(&a.heads, b.B*b.T*d)
	kernels.Attention(heads, kernels.Grow(&a.probs, b.B*a.Heads*b.T*(s+b.T)), qkv, k, v, &shape)
	return a.Output.Forward(y, r.packed(&a.rows, heads, d), r.N, b)
}

// prepend sets outer [B, S+T, 2D] to the external keys and values followed by those of qkv [B, T, 3D].
func (a *Attention) prepend(outer, qkv []float32, b *Batch, s, stride int) {
	d := a.Output.Out()
	for i := range b.B {
		rows := outer[i*(s+b.T)*2*d:]
		for t := range s {
			copy(rows[t*2*d:][:d], a.External.Key.Value[i*stride+t*d:])
			copy(rows[t*2*d+d:][:d], a.External.Value.Value[i*stride+t*d:])
		}
		for t := range b.Length(i) {
			copy(rows[(s+t)*2*d:][:2*d], qkv[(i*b.T+t)*3*d+d:])
		}
	}
}

// project sets qkv [N, 3D]: in one product, or where all three projections have changes of low rank in one for each.
func (a *Attention) project(qkv, x []float32, r *Rows) error {
	d := a.Output.Out()
	if a.allLow() && r.N > 0 {
		for i, l := range a.projections() {
			if err := l.forwardLow(qkv[a.column(i, r.N):], a.stride(), x, x, l.Delta.(LowRank), r.N, r.Batch); err != nil {
				return err
			}
		}
		return nil
	}
	if a.Query.B != nil {
		kernels.MatMulNTBias(qkv, x, a.weights, a.biases, r.N, 3*d, d)
	} else {
		kernels.MatMulNT(qkv, x, a.weights, r.N, 3*d, d, false)
	}
	return a.forwardDeltas(qkv, x, r)
}

// allLow says whether every projection has a change of low rank.
func (a *Attention) allLow() bool {
	for _, l := range a.projections() {
		if _, ok := l.Delta.(LowRank); !ok || l.Input != nil {
			return false
		}
	}
	return true
}

// forwardDeltas changes the columns of qkv [N, 3D] whose projection has a Delta.
func (a *Attention) forwardDeltas(qkv, x []float32, r *Rows) error {
	d := a.Output.Out()
	for i, l := range a.projections() {
		if l.Delta == nil {
			continue
		}
		y := kernels.Grow(&a.rows, r.N*d)
		takeColumns(y, qkv[i*d:], r.N, d, 3*d)
		if err := l.Delta.Forward(y, x, r.N, r.Batch); err != nil {
			return err
		}
		putColumns(qkv[i*d:], y, r.N, d, 3*d)
	}
	return nil
}

// takeColumns sets y [N, C] to columns of x, whose rows are ld apart; putColumns is its inverse.
func takeColumns(y, x []float32, n, c, ld int) {
	for i := range n {
		copy(y[i*c:(i+1)*c], x[i*ld:])
	}
}

func putColumns(x, y []float32, n, c, ld int) {
	for i := range n {
		copy(x[i*ld:i*ld+c], y[i*c:(i+1)*c])
	}
}
