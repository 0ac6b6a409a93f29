package nn

import (
	"fmt"
	"sync"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// PatchConfig gives the sizes of a PatchEmbed.
type PatchConfig struct {
	Rows, Cols int // of the grid of patches
	Patch      int // P, side of a patch in pixels
	Channels   int // C
	D          int
	Kind       string // of positions: absolute (learnt, default) or sinusoidal (fixed: Sinusoid2D)
	Dropout    float32
	Stem       []int // channels of a ConvStem before the projection, a stage each; none: it projects pixels
}

// A PatchEmbed is the source of a vision encoder (Dosovitskiy et al., 2020): it sets y [B, 1+K, D] to the class token and the projections of
// K patches of each picture, each plus the vector of its position. With a stem it projects the stem's features, of the kept patches alone: others count as zeros. Set
// Patches, and Keep where not all are seen, before a run.
type PatchEmbed struct {
	Stem       *ConvStem // nil: none
	Projection *Linear   // [D, C P P]: a convolution's kernel [D, C, P, P]; with a stem [D, C']
	CLS        *Param    // [D]
	Position   *Param    // [1+N, D], the class token's first; frozen where it isn't learnt
	Dropout    float32

	Patches []float32 // [B, N, C P P], as Patchify gives them
	Keep    []int32   // [B, K] the patches to embed, of each picture in rising order, as in MAE (He et al., 2022); nil: all N

	name       string
	site       uint64
	rows, cols int
	size       int // of a patch
	batch      Rows
	work       patchWork
	dout       []float32 // [B K, D]
	dx         []float32 // [B K, C'], with a stem only
	dstem      []float32 // [B, N, C'], where patches were picked
	scratch    Scratch
	spare      *sync.Pool // of *patchWork
}

// patchWork is what one forward run needs.
type patchWork struct {
	stem stemWork
	x    []float32 // [B K, C P P] the kept patches, or [B K, C'] their features
	own  []float32 // memory of x, where patches were picked
	out  []float32 // [B K, D] their projections
	at   []int32   // [B K] where they lie in Patches
	rows []int32   // [B T] the rows' positions
}

// NewPatchEmbed returns an embedding whose parameters are named as in Hugging Face's ViT: prefix + embeddings.*.
func NewPatchEmbed(prefix string, c PatchConfig) (*PatchEmbed, error) {
	if c.Rows <= 0 || c.Cols <= 0 || c.Patch <= 0 || c.Channels <= 0 || c.D <= 0 {
		return nil, fmt.Errorf("nn: patch embedding: got a grid of %d x %d, patches of %d, %d channels and width %d, want positive sizes", c.Rows, c.Cols, c.Patch, c.Channels, c.D)
	}
	name, size := prefix+"embeddings", c.Channels*c.Patch*c.Patch
	e := &PatchEmbed{
		CLS: newInit(initNormal, name+".cls_token", c.D), Dropout: c.Dropout,
		name: name, site: random.Key(0, name+".dropout"), rows: c.Rows, cols: c.Cols, size: size, spare: newPatchWork(),
	}
	in := size
	if len(c.Stem) > 0 {
		var err error
		if e.Stem, err = newConvStem(name+".patch_embeddings.stem", &c); err != nil {
			return nil, err
		}
		in = c.Stem[len(c.Stem)-1]
	}
	e.Projection = NewLinear(name+".patch_embeddings.projection", in, c.D)
	switch c.Kind {
	case "", "absolute":
		e.Position = newInit(initNormal, name+".position_embeddings", 1+c.Rows*c.Cols, c.D)
	case "sinusoidal":
		if c.D%4 != 0 {
			return nil, fmt.Errorf("nn: patch embedding: width: got %d, want a multiple of 4 for sinusoidal positions", c.D)
		}
		e.Position = newInit(initKept, name+".position_embeddings", 1+c.Rows*c.Cols, c.D)
		copy(e.Position.Value, Sinusoid2D(c.Rows, c.Cols, c.D))
		e.Position.Frozen = true
	default:
		return nil, fmt.Errorf("nn: patch embedding: got positions %q, want absolute or sinusoidal", c.Kind)
	}
	return e, nil
}

func newPatchWork() *sync.Pool { return &sync.Pool{New: func() any { return new(patchWork) }} }

// Name implements Sublayer.
func (e *PatchEmbed) Name() string { return e.name }

// Params implements Sublayer.
func (e *PatchEmbed) Params() []*Param {
	all := []*Param{e.CLS, e.Position}
	if e.Stem != nil {
		all = append(all, e.Stem.Params()...)
	}
	return append(all, e.Projection.Params()...)
}

// Shape implements Sublayer: [B, T, D].
func (e *PatchEmbed) Shape(b *Batch) []int { return []int{b.B, b.T, e.Projection.Out()} }

// Grid gives the rows and columns of patches.
func (e *PatchEmbed) Grid() (rows, cols int) { return e.rows, e.cols }

// Forward implements Sublayer; x is nil. The batch has no padding and T = 1+K.
func (e *PatchEmbed) Forward(y, _ []float32, b *Batch) error {
	if err := e.batch.Set(b); err != nil {
		return fmt.Errorf("nn: %s: %w", e.name, err)
	}
	if err := e.work.run(e, y, e.Patches, e.Keep, b); err != nil {
		return fmt.Errorf("nn: %s: %w", e.name, err)
	}
	if err := e.batch.dropout(y, y, e.site, e.Dropout, e.Projection.Out()); err != nil {
		return fmt.Errorf("nn: %s: %w", e.name, err)
	}
	return nil
}

// Backward implements Sublayer; there is no dx.
func (e *PatchEmbed) Backward(_, dy, _, _ []float32, b *Batch) error {
	d, k := e.Projection.Out(), b.T-1
	if err := e.batch.dropout(dy, dy, e.site, e.Dropout, d); err != nil {
		return fmt.Errorf("nn: %s: %w", e.name, err)
	}
	if g := e.Position.wanted(); g != nil {
		kernels.ScatterAdd(g, dy, e.work.rows, d)
	}
	dout, cls := kernels.Grow(&e.dout, b.B*k*d), e.CLS.wanted()
	for i := range b.B {
		sample := dy[i*b.T*d : (i+1)*b.T*d]
		if cls != nil {
			kernels.Add(cls, sample[:d])
		}
		copy(dout[i*k*d:], sample[d:])
	}
	var dx []float32
	if e.Stem != nil && e.Stem.trainable() {
		dx = kernels.Grow(&e.dx, b.B*k*e.Projection.In())
	}
	err := e.Projection.Backward(dx, dout, e.work.x, b.B*k, false, b, &e.scratch)
	if err == nil && dx != nil {
		err = e.work.stem.backward(e.Stem, e.spread(dx, b), b, &e.scratch)
	}
	if err != nil {
		return fmt.Errorf("nn: %s: %w", e.name, err)
	}
	return nil
}

// spread gives the gradient of all features [B, N, C'] from that of the kept ones [B K, C'].
func (e *PatchEmbed) spread(dx []float32, b *Batch) []float32 {
	n := e.rows * e.cols
	if b.T-1 == n {
		return dx
	}
	all := kernels.Grow(&e.dstem, b.B*n*e.Projection.In())
	clear(all)
	kernels.ScatterAdd(all, dx, e.work.at, e.Projection.In())
	return all
}

// Infer sets y [B, 1+K, D] from patches [B, N, C P P] and the kept ones [B, K] (nil: all) without dropout. It keeps nothing and is safe for
// concurrent use.
func (e *PatchEmbed) Infer(y, patches []float32, keep []int32, b *Batch) error {
	if err := b.Validate(); err != nil {
		return fmt.Errorf("nn: %s: %w", e.name, err)
	}
	w := e.spare.Get().(*patchWork)
	err := w.run(e, y, patches, keep, b)
	w.x = nil
	e.spare.Put(w)
	if err != nil {
		return fmt.Errorf("nn: %s: %w", e.name, err)
	}
	return nil
}

// run sets y [B, T, D].
func (w *patchWork) run(e *PatchEmbed, y, patches []float32, keep []int32, b *Batch) error {
	n, d, k := e.rows*e.cols, e.Projection.Out(), b.T-1
	if k < 1 || k > n || keep == nil && k != n {
		return fmt.Errorf("length of a sample: got %d, want the class token and 1 to %d patches, all of them where none are picked", b.T, n)
	}
	for i, length := range b.Lengths {
		if int(length) != b.T {
			return fmt.Errorf("length of sample %d: got %d, want all of %d", i, length, b.T)
		}
	}
	if len(patches) != b.B*n*e.size || keep != nil && len(keep) != b.B*k || len(y) != b.B*b.T*d {
		return fmt.Errorf("got %d values of patches, %d kept ones and %d outputs, want %d, %d and %d", len(patches), len(keep), len(y), b.B*n*e.size, b.B*k, b.B*b.T*d)
	}
	if err := w.place(keep, b, n); err != nil {
		return err
	}
	w.x = patches
	if e.Stem != nil {
		var err error
		if w.x, err = w.stem.forward(e.Stem, patches, keep, b); err != nil {
			return err
		}
	}
	if keep != nil {
		in := e.Projection.In()
		own := kernels.Grow(&w.own, b.B*k*in)
		kernels.Gather(own, w.x, w.at, in)
		w.x = own
	}
	out := kernels.Grow(&w.out, b.B*k*d)
	if err := e.Projection.Forward(out, w.x, b.B*k, b); err != nil {
		return err
	}
	kernels.Gather(y, e.Position.Value, w.rows, d)
	for i := range b.B {
		sample := y[i*b.T*d : (i+1)*b.T*d]
		kernels.Add(sample[:d], e.CLS.Value)
		kernels.Add(sample[d:], out[i*k*d:(i+1)*k*d])
	}
	return nil
}

// place lists where the kept patches lie and what position each row of the output has.
func (w *patchWork) place(keep []int32, b *Batch, n int) error {
	k := b.T - 1
	at, rows := kernels.Grow(&w.at, b.B*k), kernels.Grow(&w.rows, b.B*b.T)
	for i := range b.B {
		last := int32(-1)
		rows[i*b.T] = 0
		for j := range k {
			p := int32(j)
			if keep != nil {
				p = keep[i*k+j]
			}
			if p <= last || int(p) >= n {
				return fmt.Errorf("kept patch %d of sample %d: got %d, want %d to %d in rising order", j, i, p, last+1, n-1)
			}
			at[i*k+j], rows[i*b.T+1+j], last = int32(i*n)+p, 1+p, p
		}
	}
	return nil
}

// Clone returns an embedding with copies of the values, for inference that training doesn't disturb.
func (e *PatchEmbed) Clone() *PatchEmbed {
	w, bias := e.Projection.Merged()
	c := &PatchEmbed{
		Projection: &Linear{W: e.Projection.W.clone(), B: e.Projection.B.clone()}, CLS: e.CLS.clone(), Position: e.Position.clone(),
		Dropout: e.Dropout, name: e.name, site: e.site, rows: e.rows, cols: e.cols, size: e.size, spare: newPatchWork(),
	}
	if e.Stem != nil {
		c.Stem = e.Stem.clone()
	}
	copy(c.Projection.W.Value, w)
	if bias != nil {
		copy(c.Projection.B.Value, bias)
	}
	return c
}

// Patchify sets dst [N, C P P] to the patches of side p of pixels [C, H, W], row after row; a patch's values are in the order channel, row,
// column. H and W are multiples of p.
func Patchify(dst, pixels []float32, c, h, w, p int) {
	for row := range h / p {
		for col := range w / p {
			for channel := range c {
				for y := range p {
					dst = dst[copy(dst[:p], pixels[(channel*h+row*p+y)*w+col*p:]):]
				}
			}
		}
	}
}
