package backbone

import (
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// lowRank is a Delta that adds scale B A x, with A [R, In] and B [Out, R].
type lowRank interface {
	LowRank() (a, b *nn.Param, scale float32)
}

// blockChanges are the changes of one block's layers; nil: none.
type blockChanges struct{ qkv, out, up, gate, down *change }

// A change is the low-rank changes of layers that lie side by side and read the same: one product for all A, one for each B.
type change struct {
	a     *kernels.Packed // [R..., In]
	scale float32
	parts []part
}

// A part of a change belongs to one layer.
type part struct {
	b       *kernels.Packed // [Out, R]
	in, out int             // its first column among those of the A, and of the outputs
}

// With returns an inference that shares the weights of s and computes the changes on e's layers beside them, as the layers' own forward does. ok is
// false where one of them is no low-rank change, or where e has a prefix or bottlenecks of its own; its weights are then to be merged, by Snapshot.
func (s *Inference) With(e *Encoder) (changed *Inference, ok bool) {
	changed = &Inference{config: s.config, blocks: s.blocks, final: s.final, changes: make([]blockChanges, len(e.Blocks)), base: s.Base()}
	ok = true
	pack := func(layers ...*nn.Linear) *change {
		c, fine := packChange(layers)
		ok = ok && fine
		return c
	}
	for i := range e.Blocks {
		b := &e.Blocks[i]
		ok = ok && b.Attend.Adapter == nil && b.Feed.Adapter == nil && slices.Equal(copyPrefix(b.Attention), s.blocks[i].prefix)
		a, f, c := b.Attention, b.FeedForward, &changed.changes[i]
		c.qkv, c.out, c.up, c.down = pack(a.Query, a.Key, a.Value), pack(a.Output), pack(f.Up), pack(f.Down)
		if f.Gate != nil {
			c.gate = pack(f.Gate)
		}
	}
	return changed, ok
}

// Base is the inference whose weights s has: s itself, or the one that s was made With.
func (s *Inference) Base() *Inference {
	if s.base == nil {
		return s
	}
	return s.base
}

// packChange packs the changes of layers that lie side by side; nil where there are none.
func packChange(layers []*nn.Linear) (c *change, ok bool) {
	var all []float32 // [R..., In]
	c = &change{}
	in, out := 0, 0
	for _, l := range layers {
		if l.Input != nil {
			return nil, false
		}
		if l.Delta != nil {
			d, ok := l.Delta.(lowRank)
			if !ok {
				return nil, false
			}
			a, b, scale := d.LowRank()
			if len(c.parts) > 0 && scale != c.scale {
				return nil, false
			}
			c.scale = scale
			c.parts = append(c.parts, part{b: kernels.PackNT(b.Value, l.Out(), a.Shape[0]), in: in, out: out})
			all, in = append(all, a.Value...), in+a.Shape[0]
		}
		out += l.Out()
	}
	if len(c.parts) == 0 {
		return nil, true
	}
	c.a = kernels.PackNT(all, in, layers[0].In())
	return c, true
}

// ForwardMixed is Forward where sample i is read by of[i]. All of them have one Base. What a sample gets is what of[i] alone gives it, to the bit.
func (s *Inference) ForwardMixed(y, x []float32, b *nn.Batch, of []*Inference) error {
	if err := s.sizes(y, x, b); err != nil {
		return err
	}
	if len(of) != b.B {
		return fmt.Errorf("backbone: inference: got %d inferences for %d samples", len(of), b.B)
	}
	base := s.Base()
	for i, o := range of {
		if o.Base() != base {
			return fmt.Errorf("backbone: inference: sample %d is for another base", i)
		}
	}
	w := base.get()
	err := w.run(base, y, x, b, of)
	base.put(w)
	if err != nil {
		return fmt.Errorf("backbone: inference: %w", err)
	}
	return nil
}

// A segment is successive rows that one inference reads.
type segment struct {
	from, to int
	of       *Inference
}

// A changer adds the changes of one layer in every segment, each a part of work.
type changer struct {
	segments []segment
	pick     func(*blockChanges) *change
	layer    int
	y, x     []float32 // [N, Out], [N, In]
	out, in  int
	inner    []float32 // [N, most]
	most     int
}

func changeQKV(c *blockChanges) *change  { return c.qkv }
func changeOut(c *blockChanges) *change  { return c.out }
func changeUp(c *blockChanges) *change   { return c.up }
func changeGate(c *blockChanges) *change { return c.gate }
func changeDown(c *blockChanges) *change { return c.down }

// plan cuts the rows into segments. of is nil where s reads them all.
func (c *changer) plan(s *Inference, r *nn.Rows, of []*Inference) {
	c.segments = c.segments[:0]
	for i := range r.Batch.B {
		o := s
		if of != nil {
			o = of[i]
		}
		from, to := r.Start(i), r.Start(i+1)
		if o.changes == nil || from == to {
			continue
		}
		if n := len(c.segments); n > 0 && c.segments[n-1].of == o && c.segments[n-1].to == from {
			c.segments[n-1].to = to
			continue
		}
		c.segments = append(c.segments, segment{from, to, o})
	}
}

// apply adds to y [N, Out] what the changes make of x [N, In].
func (c *changer) apply(pick func(*blockChanges) *change, y, x []float32, n, out, in int) {
	c.most = 0
	for _, s := range c.segments {
		if d := pick(&s.of.changes[c.layer]); d != nil {
			c.most = max(c.most, d.a.N())
		}
	}
	if c.most == 0 {
		return
	}
	kernels.Grow(&c.inner, n*c.most)
	c.pick, c.y, c.x, c.out, c.in = pick, y, x, out, in
	kernels.Parallel(len(c.segments), c)
	c.y, c.x = nil, nil
}

// Run implements kernels.Task.
func (c *changer) Run(i int) {
	s := &c.segments[i]
	d := c.pick(&s.of.changes[c.layer])
	if d == nil {
		return
	}
	n, r := s.to-s.from, d.a.N()
	inner := c.inner[s.from*c.most:][:n*r]
	d.a.MatMul(inner, c.x[s.from*c.in:s.to*c.in], n, false)
	kernels.Scale(inner, d.scale)
	for _, p := range d.parts {
		p.b.MatMulAdd(c.y[s.from*c.out+p.out:], c.out, inner[p.in:], r, n)
	}
}
