package nn

import (
	"fmt"
	"sync"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// EmbeddingConfig gives the sizes of an Embedding.
type EmbeddingConfig struct {
	Vocab, D  int
	Inner     int    // E, width of the tables where it isn't D: vectors are then projected to D (ELECTRA); 0: D
	Positions int    // longest sequence
	Offset    int    // row of the position table that position 0 has (RoBERTa's starts behind the padding token's)
	Kind      string // of positions: absolute (learnt, default), sinusoidal, or rotary: none here
	Types     int    // token types, 0: none
	NoShift   bool   // the norm has no Beta
	Eps       float32
	Dropout   float32
}

// An Embedding is the source of a text encoder: it sets y [B, T, D] to the normed sum of word, position and token type
// vectors, projected where they have another width. Set IDs, and TypeIDs where they aren't all 0, before a run.
type Embedding struct {
	Word     *Param     // [V, E]
	Position *Param     // [offset+P, E], nil unless learnt
	Type     *Param     // [types, E], nil: none
	Norm     *LayerNorm // over E
	Project  *Linear    // [D, E], nil: E is D
	Dropout  float32

	IDs, TypeIDs []int32 // [B, T]

	name       string
	site       uint64
	sinusoid   []float32 // [P, E], nil unless sinusoidal
	positions  int       // P
	offset     int
	ramp, none []int32 // [P] 0...P-1 and zeros
	rows       Rows
	ids, types []int32   // [N] packed
	sum        []float32 // [N, E]
	normed     []float32 // [N, E], with a projection only
	out, dy    []float32 // [N, D]
	scratch    Scratch
	spare      *sync.Pool // of *[]float32: [T, E], with a projection only
}

// NewEmbedding returns an embedding whose parameters are named as in Hugging Face's BERT: prefix + embeddings.*.
func NewEmbedding(prefix string, c EmbeddingConfig) (*Embedding, error) {
	if c.Vocab <= 0 || c.D <= 0 || c.Inner < 0 || c.Positions <= 0 || c.Offset < 0 || c.Types < 0 {
		return nil, fmt.Errorf("nn: embedding: got vocabulary %d, widths %d and %d, %d positions from row %d and %d types, want positive sizes", c.Vocab, c.D, c.Inner, c.Positions, c.Offset, c.Types)
	}
	name, d := prefix+"embeddings", c.D
	if c.Inner > 0 {
		d = c.Inner
	}
	e := &Embedding{
		Word: newInit(initNormal, name+".word_embeddings.weight", c.Vocab, d),
		Norm: NewLayerNorm(name+".LayerNorm", d, c.Eps), Dropout: c.Dropout,
		name: name, site: random.Key(0, name+".dropout"), positions: c.Positions, offset: c.Offset,
		ramp: make([]int32, c.Positions), none: make([]int32, c.Positions),
	}
	for i := range e.ramp {
		e.ramp[i] = int32(i)
	}
	if c.NoShift {
		e.Norm.Beta = nil
	}
	switch c.Kind {
	case "", "absolute":
		e.Position = newInit(initNormal, name+".position_embeddings.weight", c.Offset+c.Positions, d)
	case "sinusoidal":
		e.sinusoid = Sinusoid(c.Positions, d)
	case "rotary":
	default:
		return nil, fmt.Errorf("nn: embedding: got positions %q, want absolute, sinusoidal or rotary", c.Kind)
	}
	if c.Types > 0 {
		e.Type = newInit(initNormal, name+".token_type_embeddings.weight", c.Types, d)
	}
	if d != c.D {
		e.Project = NewLinear(name+"_project", d, c.D)
		e.spare = newSpare()
	}
	return e, nil
}

// Name implements Sublayer.
func (e *Embedding) Name() string { return e.name }

// Params implements Sublayer.
func (e *Embedding) Params() []*Param {
	params := []*Param{e.Word}
	if e.Position != nil {
		params = append(params, e.Position)
	}
	if e.Type != nil {
		params = append(params, e.Type)
	}
	params = append(params, e.Norm.Params()...)
	if e.Project != nil {
		params = append(params, e.Project.Params()...)
	}
	return params
}

// Shape implements Sublayer: [B, T, D].
func (e *Embedding) Shape(b *Batch) []int { return []int{b.B, b.T, e.width()} }

// inner is E.
func (e *Embedding) inner() int { return e.Word.Shape[1] }

// width is D.
func (e *Embedding) width() int {
	if e.Project != nil {
		return e.Project.Out()
	}
	return e.inner()
}

// table returns the position vectors [P, E], nil: none.
func (e *Embedding) table() []float32 {
	if e.Position != nil {
		return e.Position.Value[e.offset*e.inner():]
	}
	return e.sinusoid
}

// lookup sets sum [N, E] to the sum of vectors.
func (e *Embedding) lookup(sum []float32, ids, types, positions []int32) error {
	d := e.inner()
	if err := inRange("id", ids, e.Word.Shape[0]); err != nil {
		return err
	}
	if err := inRange("position", positions, e.positions); err != nil {
		return err
	}
	kernels.Gather(sum, e.Word.Value, ids, d)
	if e.Type != nil {
		if err := inRange("token type", types, e.Type.Shape[0]); err != nil {
			return err
		}
		kernels.GatherAdd(sum, e.Type.Value, types, d)
	}
	if table := e.table(); table != nil {
		kernels.GatherAdd(sum, table, positions, d)
	}
	return nil
}

func inRange(what string, ids []int32, n int) error {
	for _, id := range ids {
		if id < 0 || int(id) >= n {
			return fmt.Errorf("got %s %d, want 0 to %d", what, id, n-1)
		}
	}
	return nil
}

// Forward implements Sublayer; x is nil.
func (e *Embedding) Forward(y, _ []float32, b *Batch) error {
	r, d := &e.rows, e.width()
	if err := r.Set(b); err != nil {
		return fmt.Errorf("nn: %s: %w", e.name, err)
	}
	if len(e.IDs) != b.B*b.T || e.TypeIDs != nil && len(e.TypeIDs) != b.B*b.T {
		return fmt.Errorf("nn: %s: got %d ids and %d types, want %d", e.name, len(e.IDs), len(e.TypeIDs), b.B*b.T)
	}
	n, to := r.N*d, y
	if !r.Full {
		to = kernels.Grow(&e.out, n)
	}
	sum := kernels.Grow(&e.sum, r.N*e.inner())
	if err := e.lookup(sum, r.packIDs(&e.ids, e.IDs), r.packIDs(&e.types, e.TypeIDs), r.Positions()); err != nil {
		return fmt.Errorf("nn: %s: %w", e.name, err)
	}
	normed := to
	if e.Project != nil {
		normed = kernels.Grow(&e.normed, len(sum))
	}
	e.Norm.Forward(normed, sum, r.N)
	if err := r.dropout(normed, normed, e.site, e.Dropout, e.inner()); err != nil {
		return fmt.Errorf("nn: %s: %w", e.name, err)
	}
	if e.Project != nil {
		if err := e.Project.Forward(to, normed, r.N, b); err != nil {
			return fmt.Errorf("nn: %s: %w", e.name, err)
		}
	}
	if !r.Full {
		r.Unpack(y, to, d)
	}
	return nil
}

// packIDs returns the valid ones of padded ids [B, T] as [N]; zeros for nil.
func (r *Rows) packIDs(buf *[]int32, ids []int32) []int32 {
	packed := kernels.Grow(buf, r.N)
	if ids == nil {
		clear(packed)
		return packed
	}
	for i := range r.Batch.B {
		copy(packed[r.starts[i]:r.starts[i+1]], ids[i*r.Batch.T:])
	}
	return packed
}

// Backward implements Sublayer; there is no dx.
func (e *Embedding) Backward(_, dy, _, _ []float32, b *Batch) error {
	r, d := &e.rows, e.inner()
	packed := r.packed(&e.dy, dy, e.width())
	if e.Project != nil {
		inner := e.scratch.get(scratchBranch, r.N*d)
		if err := e.Project.Backward(inner, packed, e.normed, r.N, false, b, &e.scratch); err != nil {
			return fmt.Errorf("nn: %s: %w", e.name, err)
		}
		packed = inner
	}
	to := kernels.Grow(&e.out, r.N*d)
	if err := r.dropout(packed, packed, e.site, e.Dropout, d); err != nil {
		return fmt.Errorf("nn: %s: %w", e.name, err)
	}
	e.Norm.Backward(to, packed, e.sum, r.N, false)
	if g := e.Word.wanted(); g != nil {
		kernels.ScatterAdd(g, to, e.ids, d)
	}
	if g := e.Position.wanted(); g != nil {
		kernels.ScatterAdd(g[e.offset*d:], to, r.Positions(), d)
	}
	if g := e.Type.wanted(); g != nil {
		kernels.ScatterAdd(g, to, e.types, d)
	}
	return nil
}

// Clone returns an embedding with copies of the values, for inference that training doesn't disturb.
func (e *Embedding) Clone() *Embedding {
	c := &Embedding{
		Word: e.Word.clone(), Position: e.Position.clone(), Type: e.Type.clone(), Dropout: e.Dropout,
		Norm: e.Norm.Clone(), name: e.name, site: e.site, sinusoid: e.sinusoid, positions: e.positions, offset: e.offset, ramp: e.ramp, none: e.none,
	}
	if e.Project != nil {
		w, bias := e.Project.Merged()
		c.Project = &Linear{W: e.Project.W.clone(), B: e.Project.B.clone()}
		copy(c.Project.W.Value, w)
		if bias != nil {
			copy(c.Project.B.Value, bias)
		}
		c.spare = newSpare()
	}
	return c
}
