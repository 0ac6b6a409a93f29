package nn

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// Rows maps the valid rows of a padded batch [B, T, C] to N packed rows [N, C], sample after sample. Its zero value is ready for Set. A
// full batch, without padding, is its own packed form.
type Rows struct {
	Batch *Batch
	N     int  // valid rows
	Full  bool // no padding

	starts    []int32 // [B+1] packed row of each sample's first position
	positions []int32 // [N]
	keys      []uint64
	move      mover
}

// Set makes r the map of batch b.
func (r *Rows) Set(b *Batch) error {
	if err := b.Validate(); err != nil {
		return err
	}
	r.Batch, r.N = b, 0
	starts := kernels.Grow(&r.starts, b.B+1)
	for i := range b.B {
		starts[i] = int32(r.N)
		r.N += b.Length(i)
	}
	starts[b.B] = int32(r.N)
	r.Full = r.N == b.B*b.T
	return nil
}

// Start returns the packed row of sample i's first position.
func (r *Rows) Start(i int) int { return int(r.starts[i]) }

// Positions returns the position of each packed row [N], valid until the next Set.
func (r *Rows) Positions() []int32 {
	b := r.Batch
	positions := kernels.Grow(&r.positions, r.N)
	for i := range b.B {
		part := positions[r.starts[i]:r.starts[i+1]]
		if b.Positions != nil {
			copy(part, b.Positions[i*b.T:])
			continue
		}
		for t := range part {
			part[t] = int32(t)
		}
	}
	return positions
}

// Keys returns a random key for each packed row [N] at one site of the model, valid until the next call. It depends on the
// sample's key and the token's place in the sample, never on padding.
func (r *Rows) Keys(site uint64) ([]uint64, error) {
	b := r.Batch
	if b.Keys == nil {
		return nil, fmt.Errorf("nn: batch: got no keys, want %d for dropout", b.B)
	}
	keys := kernels.Grow(&r.keys, r.N)
	for i := range b.B {
		key := random.Mix(b.Keys[i], site)
		for t, at := 0, r.starts[i]; at < r.starts[i+1]; t, at = t+1, at+1 {
			keys[at] = random.Mix(key, uint64(t))
		}
	}
	return keys, nil
}

// dropout sets y [N, D] to x, dropped with probability p while training; y may be x.
func (r *Rows) dropout(y, x []float32, site uint64, p float32, d int) error {
	if p == 0 || !r.Batch.Train {
		if r.N > 0 && d > 0 && &y[0] != &x[0] {
			copy(y[:r.N*d], x)
		}
		return nil
	}
	keys, err := r.Keys(site)
	if err != nil {
		return err
	}
	kernels.Dropout(y, x, keys, p, r.N, d)
	return nil
}

// Pack sets packed [N, C] to the valid rows of padded [B, T, C].
func (r *Rows) Pack(packed, padded []float32, c int) {
	r.move = mover{rows: r, packed: packed, padded: padded, c: c, pack: true}
	kernels.Parallel(r.Batch.B, &r.move)
}

// Unpack sets padded [B, T, C] to packed [N, C] and zero elsewhere.
func (r *Rows) Unpack(padded, packed []float32, c int) {
	r.move = mover{rows: r, packed: packed, padded: padded, c: c}
	kernels.Parallel(r.Batch.B, &r.move)
}

// packed returns the valid rows [N, C] of padded [B, T, C]: padded itself when it is full, else a copy in buf.
func (r *Rows) packed(buf *[]float32, padded []float32, c int) []float32 {
	if r.Full {
		return padded
	}
	dst := kernels.Grow(buf, r.N*c)
	r.Pack(dst, padded, c)
	return dst
}

// mover copies the rows of one sample per part.
type mover struct {
	rows           *Rows
	packed, padded []float32
	c              int
	pack           bool
}

// Run implements kernels.Task.
func (m *mover) Run(i int) {
	from, to := int(m.rows.starts[i])*m.c, int(m.rows.starts[i+1])*m.c
	packed := m.packed[from:to]
	padded := m.padded[i*m.rows.Batch.T*m.c : (i+1)*m.rows.Batch.T*m.c]
	if m.pack {
		copy(packed, padded)
		return
	}
	clear(padded[copy(padded, packed):])
}
