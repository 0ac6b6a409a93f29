package rl

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// An Embedding is the source of a training chain: it sets y [B, T, D] to the tokens of a window of one environment, each the projection of its
// numbers plus the vector of its kind, normed. Where a token is hidden, the vector of a hidden one of its kind stands alone. The encoder's rotary positions, those of
// tokens, say which step it is of. Set Window before a run. Without dropout by itself.
//
// A picture is one token, so that its steps cost what those of vectors cost: its patches are projected one by one as in nn.PatchEmbed, GELU follows, and one
// projection reads them all, which knows them by their place.
type Embedding struct {
	Window Window

	shared  *sharedEmbedding
	own     *projections
	parts   Parts
	context int

	work    embedWork
	grads   [2][]float32 // [B T, D]
	picture []float32
	scratch nn.Scratch
}

// Name implements nn.Sublayer.
func (e *Embedding) Name() string { return "embeddings" }

// Params implements nn.Sublayer: those that windows of these parts need.
func (e *Embedding) Params() []*nn.Param {
	return append(e.shared.params(), linearParams(e.own.embedders(e.parts))...)
}

// Shape implements nn.Sublayer: [B, T, D].
func (e *Embedding) Shape(b *nn.Batch) []int { return []int{b.B, b.T, e.shared.kinds.Shape[1]} }

// Forward implements nn.Sublayer; x is nil.
func (e *Embedding) Forward(y, _ []float32, b *nn.Batch) error {
	if e.Window.Parts&^e.parts != 0 {
		return fmt.Errorf("rl: embedding: %w: got a window of parts %b, want some of %b", ErrShapeMismatch, e.Window.Parts, e.parts)
	}
	if err := e.work.sum(e.shared, e.own, &e.Window, b, e.context); err != nil {
		return fmt.Errorf("rl: embedding: %w", err)
	}
	e.shared.norm.Forward(y, e.work.total, b.B*b.T)
	return nil
}

// Backward implements nn.Sublayer; there is no dx.
func (e *Embedding) Backward(_, dy, _, _ []float32, b *nn.Batch) error {
	n, d, w := b.B*b.T, e.shared.kinds.Shape[1], &e.work
	grad := kernels.Grow(&e.grads[0], n*d)
	e.shared.norm.Backward(grad, dy, w.total, n, false)
	if kinds := e.shared.kinds; !kinds.Frozen {
		kinds.NeedGrad()
		kernels.ScatterAdd(kinds.Grad, grad, w.kinds, d)
	}
	for i, part := range parts {
		m := len(w.rows[i])
		if !e.parts.Has(part) || m == 0 {
			continue
		}
		dout := kernels.Grow(&e.grads[1], m*d)
		kernels.Gather(dout, grad, w.rows[i], d)
		if err := e.backwardPart(i, dout, m, b); err != nil {
			return fmt.Errorf("rl: embedding: %w", err)
		}
	}
	return nil
}

// backwardPart takes the gradient dout [M, D] of M tokens of a part through its projections.
func (e *Embedding) backwardPart(part int, dout []float32, m int, b *nn.Batch) error {
	w, p := &e.work, e.own
	if parts[part] != Observations || p.embedPatch == nil {
		return w.linear(p, part).Backward(nil, dout, w.in[part], m, false, b, &e.scratch)
	}
	var inner []float32
	if nn.Trainable(p.embedPatch.Params()) {
		inner = kernels.Grow(&e.picture, len(w.act))
	}
	if err := p.embedState.Backward(inner, dout, w.act, m, false, b, &e.scratch); err != nil || inner == nil {
		return err
	}
	nn.GELU.Backward(inner, inner, w.pre)
	return p.embedPatch.Backward(nil, inner, w.in[part], m*p.about.patches(), false, b, &e.scratch)
}
