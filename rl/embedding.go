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

	shared  *common
	own     *projections
	parts   Parts
	context int

	work    embedWork
	grads   [2][]float32 // [B T, D]
	picture []float32
	scratch nn.Scratch
}

// common is what all environments share of a model's embedding.
type common struct {
	kinds *nn.Param // [6, D]: of a return, an observation, an action; then of hidden ones
	norm  *nn.LayerNorm
}

func newCommon(c *Config) *common {
	return &common{kinds: nn.NewParam("embed_type.weight", 2*len(parts), c.Hidden), norm: nn.NewLayerNorm("embed_ln", c.Hidden, c.Eps)}
}

func (s *common) params() []*nn.Param {
	return append([]*nn.Param{s.kinds}, s.norm.Params()...)
}

// clone copies the values.
func (s *common) clone() *common {
	c := &common{kinds: nn.NewParam(s.kinds.Name, s.kinds.Shape...), norm: s.norm.Clone()}
	copy(c.kinds.Value, s.kinds.Value)
	return c
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

// embedWork is what one run of an embedding needs.
type embedWork struct {
	kinds    []int32      // [B T] rows of the table
	rows     [3][]int32   // [M] of each part, rows of [B T] whose numbers are read
	in       [3][]float32 // [M, inputs] those numbers, standardised; of pictures [M N, C P P]
	pre, act []float32    // [M N, E] of pictures
	out      []float32    // [M, D]
	total    []float32    // [B T, D] before the norm
	pixels   []float32    // [H W C] and [C H W] of one picture
}

func (w *embedWork) linear(p *projections, part int) *nn.Linear {
	return [...]*nn.Linear{p.embedReturn, p.embedState, p.embedAction}[part]
}

// sum sets total to the sums of a window's vectors. What lies past a stretch's length is that of a hidden token.
func (w *embedWork) sum(s *common, p *projections, win *Window, b *nn.Batch, context int) error {
	if err := win.check(b, p.about, context); err != nil {
		return err
	}
	d := s.kinds.Shape[1]
	w.place(win, b)
	total := kernels.Grow(&w.total, b.B*b.T*d)
	kernels.Gather(total, s.kinds.Value, w.kinds, d)
	for i, part := range parts {
		m := len(w.rows[i])
		if !win.Parts.Has(part) || m == 0 {
			continue
		}
		w.read(p.about, win, i)
		out := kernels.Grow(&w.out, m*d)
		x := w.in[i]
		if part == Observations && p.embedPatch != nil {
			n := m * p.about.patches()
			pre, act := kernels.Grow(&w.pre, n*patchWidth), kernels.Grow(&w.act, n*patchWidth)
			if err := p.embedPatch.Forward(pre, x, n, b); err != nil {
				return err
			}
			nn.GELU.Forward(act, pre)
			x = act
		}
		if err := w.linear(p, i).Forward(out, x, m, b); err != nil {
			return err
		}
		kernels.ScatterAdd(total, out, w.rows[i], d)
	}
	return nil
}

// place lists the kind of every token, and those whose numbers are read.
func (w *embedWork) place(win *Window, b *nn.Batch) {
	n, each := b.B*b.T, win.Parts.Len()
	kinds := kernels.Grow(&w.kinds, n)
	for i, part := range parts {
		rows := w.rows[i][:0]
		if win.Parts.Has(part) {
			for at := win.Parts.Place(part); at < n; at += each {
				kinds[at] = int32(i)
				if at%b.T >= b.Length(at/b.T) || win.Hidden != nil && win.Hidden[at] {
					kinds[at] += int32(len(parts))
					continue
				}
				rows = append(rows, int32(at))
			}
		}
		w.rows[i] = rows
	}
}

// read sets in of a part to the standardised numbers of its rows.
func (w *embedWork) read(e *Environment, win *Window, part int) {
	from, each, size := win.values(part), e.numbers(part), 1
	switch parts[part] {
	case Observations:
		size = each
	case Actions:
		size = e.ActionInputs()
	}
	x := kernels.Grow(&w.in[part], len(w.rows[part])*size)
	for i, row := range w.rows[part] {
		step := int(row) / win.Parts.Len()
		v, to := from[step*each:(step+1)*each], x[i*size:(i+1)*size]
		switch parts[part] {
		case Returns:
			to[0] = e.PutReturn(v[0])
		case Actions:
			e.PutAction(to, v)
		case Observations:
			if e.Patch == 0 {
				e.PutObservation(to, v)
				continue
			}
			w.cut(e, to, v)
		}
	}
}

// cut sets x [N, C P P] to the patches of a picture [H W C].
func (w *embedWork) cut(e *Environment, x, picture []float32) {
	n, c := len(picture), e.Observation[2]
	buf := kernels.Grow(&w.pixels, 2*n)
	scaled, planes := buf[:n], buf[n:]
	e.PutObservation(scaled, picture)
	for channel := range c {
		for i := range n / c {
			planes[channel*(n/c)+i] = scaled[i*c+channel]
		}
	}
	nn.Patchify(x, planes, c, e.Observation[0], e.Observation[1], e.Patch)
}
