package nn

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// EmbeddingConfig gives the sizes of an Embedding.
type EmbeddingConfig struct {
	Vocab, D  int
	Positions int    // longest sequence
	Kind      string // of positions: absolute (learnt, default), sinusoidal, or rotary: none here
	Types     int    // token types, 0: none
	Eps       float32
	Dropout   float32
}

// An Embedding is the source of a text encoder: it sets y [B, T, D] to the normed sum of word, position and token type
// vectors. Set IDs, and TypeIDs where they aren't all 0, before a run.
type Embedding struct {
	Word     *Param     // [V, D]
	Position *Param     // [P, D], nil unless learnt
	Type     *Param     // [types, D], nil: none
	Norm     *LayerNorm // over D
	Dropout  float32

	IDs, TypeIDs []int32 // [B, T]

	name       string
	site       uint64
	sinusoid   []float32 // [P, D], nil unless sinusoidal
	positions  int       // P
	ramp, none []int32   // [P] 0...P-1 and zeros
	rows       Rows
	ids, types []int32   // [N] packed
	sum        []float32 // [N, D]
	out, dy    []float32 // [N, D]
}

// NewEmbedding returns an embedding whose parameters are named as in Hugging Face's BERT: prefix + embeddings.*.
func NewEmbedding(prefix string, c EmbeddingConfig) (*Embedding, error) {
	if c.Vocab <= 0 || c.D <= 0 || c.Positions <= 0 || c.Types < 0 {
		return nil, fmt.Errorf("nn: embedding: got vocabulary %d, width %d, %d positions and %d types, want positive sizes", c.Vocab, c.D, c.Positions, c.Types)
	}
	name := prefix + "embeddings"
	e := &Embedding{
		Word: newInit(initNormal, name+".word_embeddings.weight", c.Vocab, c.D),
		Norm: NewLayerNorm(name+".LayerNorm", c.D, c.Eps), Dropout: c.Dropout,
		name: name, site: random.Key(0, name+".dropout"), positions: c.Positions,
		ramp: make([]int32, c.Positions), none: make([]int32, c.Positions),
	}
	for i := range e.ramp {
		e.ramp[i] = int32(i)
	}
	switch c.Kind {
	case "", "absolute":
		e.Position = newInit(initNormal, name+".position_embeddings.weight", c.Positions, c.D)
	case "sinusoidal":
		e.sinusoid = Sinusoid(c.Positions, c.D)
	case "rotary":
	default:
		return nil, fmt.Errorf("nn: embedding: got positions %q, want absolute, sinusoidal or rotary", c.Kind)
	}
	if c.Types > 0 {
		e.Type = newInit(initNormal, name+".token_type_embeddings.weight", c.Types, c.D)
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
	return append(params, e.Norm.Params()...)
}

// Shape implements Sublayer: [B, T, D].
func (e *Embedding) Shape(b *Batch) []int { return []int{b.B, b.T, e.width()} }

func (e *Embedding) width() int { return e.Word.Shape[1] }

// table returns the position vectors [P, D], nil: none.
func (e *Embedding) table() []float32 {
	if e.Position != nil {
		return e.Position.Value
	}
	return e.sinusoid
}

// lookup sets sum [N, D] to the sum of vectors.
func (e *Embedding) lookup(sum []float32, ids, types, positions []int32) error {
	d := e.width()
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
		to = grow(&e.out, n)
	}
	sum := grow(&e.sum, n)
	if err := e.lookup(sum, r.packIDs(&e.ids, e.IDs), r.packIDs(&e.types, e.TypeIDs), r.Positions()); err != nil {
		return fmt.Errorf("nn: %s: %w", e.name, err)
	}
	e.Norm.Forward(to, sum, r.N)
	if err := r.dropout(to, to, e.site, e.Dropout, d); err != nil {
		return fmt.Errorf("nn: %s: %w", e.name, err)
	}
	if !r.Full {
		r.Unpack(y, to, d)
	}
	return nil
}

// packIDs returns the valid ones of padded ids [B, T] as [N]; zeros for nil.
func (r *Rows) packIDs(buf *[]int32, ids []int32) []int32 {
	packed := grow(buf, r.N)
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
func (e *Embedding) Backward(_, dy, _, _ []float32, _ *Batch) error {
	r, d := &e.rows, e.width()
	n := r.N * d
	to := grow(&e.out, n)
	packed := r.packed(&e.dy, dy, d)
	if err := r.dropout(packed, packed, e.site, e.Dropout, d); err != nil {
		return fmt.Errorf("nn: %s: %w", e.name, err)
	}
	e.Norm.Backward(to, packed, e.sum, r.N, false)
	if g := e.Word.wanted(); g != nil {
		kernels.ScatterAdd(g, to, e.ids, d)
	}
	if g := e.Position.wanted(); g != nil {
		kernels.ScatterAdd(g, to, r.Positions(), d)
	}
	if g := e.Type.wanted(); g != nil {
		kernels.ScatterAdd(g, to, e.types, d)
	}
	return nil
}

// Infer sets y [B, T, D] from ids [B, T] and types [B, T] (nil: all 0) without dropout, zero on padding. It keeps nothing and is safe
// for concurrent use.
func (e *Embedding) Infer(y []float32, ids, types []int32, b *Batch) error {
	if err := b.Validate(); err != nil {
		return fmt.Errorf("nn: %s: %w", e.name, err)
	}
	d := e.width()
	if len(ids) != b.B*b.T || types != nil && len(types) != b.B*b.T || len(y) != b.B*b.T*d || b.T > len(e.ramp) {
		return fmt.Errorf("nn: %s: got %d ids, %d types and %d outputs of length %d, want %d, %d and at most %d", e.name, len(ids), len(types), len(y), b.T, b.B*b.T, b.B*b.T*d, len(e.ramp))
	}
	for i := range b.B {
		at, n := i*b.T, b.Length(i)
		rows := y[at*d : (at+b.T)*d]
		positions := e.ramp[:n]
		if b.Positions != nil {
			positions = b.Positions[at : at+n]
		}
		var kinds []int32
		if types != nil {
			kinds = types[at : at+n]
		}
		if err := e.inferRow(rows[:n*d], ids[at:at+n], kinds, positions); err != nil {
			return fmt.Errorf("nn: %s: sample %d: %w", e.name, i, err)
		}
		clear(rows[n*d:])
	}
	return nil
}

// inferRow embeds one sample of n tokens into y [n, D].
func (e *Embedding) inferRow(y []float32, ids, types, positions []int32) error {
	n := len(ids)
	if types == nil && e.Type != nil {
		types = e.none[:n]
	}
	if err := e.lookup(y, ids, types, positions); err != nil {
		return err
	}
	e.Norm.Infer(y, y, n)
	return nil
}

// Clone returns an embedding with copies of the values, for inference that training doesn't disturb.
func (e *Embedding) Clone() *Embedding {
	norm := &LayerNorm{Gamma: e.Norm.Gamma.clone(), Beta: e.Norm.Beta.clone(), Eps: e.Norm.Eps}
	return &Embedding{
		Word: e.Word.clone(), Position: e.Position.clone(), Type: e.Type.clone(), Norm: norm, Dropout: e.Dropout,
		name: e.name, site: e.site, sinusoid: e.sinusoid, positions: e.positions, ramp: e.ramp, none: e.none,
	}
}
