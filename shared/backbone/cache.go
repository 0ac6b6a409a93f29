package backbone

import (
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// A Cache holds the keys and values of one sequence's tokens in every layer, so that Decode reads each token once. It belongs to one
// Inference and serves one call at a time; different caches may be used at the same time.
type Cache struct {
	from   *Inference
	layers [][]float32 // [S+T, 2D] of each layer, with room: keys and values side by side, the prefix first
	n      int         // T, tokens read
}

// firstRoom is how many tokens a cache has room for at first; the room doubles when it is used up.
const firstRoom = 64

// NewCache returns an empty cache.
func (s *Inference) NewCache() *Cache {
	return &Cache{from: s, layers: make([][]float32, len(s.blocks))}
}

// Len is the number of tokens in the cache.
func (c *Cache) Len() int { return c.n }

// Truncate forgets all but the first n tokens; more than there are changes nothing. The memory stays for the next ones.
func (c *Cache) Truncate(n int) { c.n = max(0, min(c.n, n)) }

// rows returns the keys and values [S+T+more, 2D] of layer i, of which the last more tokens are to be written.
func (c *Cache) rows(i, more int) []float32 {
	prefix, width := c.from.blocks[i].prefix, 2*c.from.config.Hidden
	have := len(prefix) + c.n*width
	n := have + more*width
	if old := c.layers[i]; cap(old) < n {
		c.layers[i] = kernels.Make[float32](len(prefix) + max(firstRoom, c.n+more, 2*c.n)*width)
		copy(c.layers[i], old[:min(have, len(old))])
		copy(c.layers[i], prefix)
	}
	return c.layers[i][:n]
}

// Decode reads new tokens of b.B sequences, each behind those that its cache holds, into which they go: x [B, T, D] in, y [B, T, D] out, which may be
// x. Attention is causal, whatever the encoder's own is, and a token's answer is that of Forward over the whole sequence as a causal batch, to
// the bit. Positions go on from the cache's length unless b has them; a length of 0 leaves a sequence out. After an error
// the caches are as before. It makes no garbage but where a cache grows.
func (s *Inference) Decode(y, x []float32, b *nn.Batch, caches []*Cache) error {
	if err := s.sizes(y, x, b); err != nil {
		return err
	}
	if len(caches) != b.B {
		return fmt.Errorf("backbone: decoding: got %d caches, want %d", len(caches), b.B)
	}
	for i, c := range caches {
		switch {
		case c == nil || c.from != s:
			return fmt.Errorf("backbone: decoding: cache %d isn't of this encoder", i)
		case slices.Contains(caches[:i], c):
			return fmt.Errorf("backbone: decoding: cache %d is in the batch twice", i)
		}
	}
	w := s.get()
	w.decoder.caches = caches
	err := w.run(s, y, x, b, nil)
	w.decoder = decoder{}
	s.put(w)
	if err != nil {
		return fmt.Errorf("backbone: decoding: %w", err)
	}
	for i, c := range caches {
		c.n += b.Length(i)
	}
	return nil
}

// decoder is the attention of one layer over caches: a Task with a part for each sequence.
type decoder struct {
	caches     []*Cache // nil: no decoding
	rows       *nn.Rows
	layer      int
	qkv, heads []float32 // [N, 3D], [N, D]
	shape      kernels.AttentionShape
}

// Run implements kernels.Task.
func (t *decoder) Run(i int) {
	n, c := t.rows.Batch.Length(i), t.caches[i]
	if n == 0 {
		return
	}
	d := t.shape.LdO
	qkv, heads := t.qkv[t.rows.Start(i)*3*d:], t.heads[t.rows.Start(i)*d:]
	kv := c.rows(t.layer, n)
	s := t.shape
	s.Tq, s.Tk = n, len(kv)/(2*d)
	s.Offset = s.Tk - n
	for j := range n {
		copy(kv[(s.Offset+j)*2*d:][:2*d], qkv[j*3*d+d:])
	}
	kernels.Attention(heads, nil, qkv, kv, kv[d:], &s)
}
