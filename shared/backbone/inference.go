package backbone

import (
	"fmt"
	"sync"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// An Inference is an immutable copy of an encoder with packed weights. It is safe for concurrent use and makes no garbage in
// steady state. Its answers are those of the sublayers without dropout, to the bit where no layer has a Delta (merged weights
// round otherwise), and a sample's answer doesn't depend on the batch around it or on padding.
type Inference struct {
	config Config
	blocks []packedBlock
	final  *norm

	changes []blockChanges // one a block, beside the weights; nil: none
	base    *Inference     // whose weights these are; nil: its own

	mu   sync.Mutex
	free []*workspace
}

// maxFree is how many workspaces an Inference keeps between calls.
const maxFree = 16

type packedBlock struct {
	qkv, out, up, down linear
	gate               *linear // nil: none
	attend, feed       norm
	attendAdapter      *bottleneck // of what the attention adds; nil: none
	feedAdapter        *bottleneck // of what the feed-forward layer adds; nil: none
	act                nn.Activation
	rotary             *nn.Rotary // nil: none
	prefix             []float32  // [S, 2D] keys and values that stand before the sequence's own
	window             int
	causal             bool
}

// linear is a Linear with its weights in panels.
type linear struct {
	w    *kernels.Packed
	bias []float32 // nil: none
}

func pack(l *nn.Linear) linear {
	w, bias := l.Merged()
	return linear{kernels.PackNT(w, l.Out(), l.In()), append([]float32(nil), bias...)}
}

func (l *linear) forward(y, x []float32, n int) {
	if l.bias == nil {
		l.w.MatMul(y, x, n, false)
		return
	}
	l.w.MatMulBias(y, x, l.bias, n)
}

// norm is a LayerNorm's values; the zero value changes nothing.
type norm struct {
	gamma, beta []float32 // beta nil: no shift
	eps         float32
}

func copyNorm(l *nn.LayerNorm) norm {
	if l == nil {
		return norm{}
	}
	n := norm{gamma: append([]float32(nil), l.Gamma.Value...), eps: l.Eps}
	if l.Beta != nil {
		n.beta = append([]float32(nil), l.Beta.Value...)
	}
	return n
}

func (l *norm) forward(y, x []float32, n int) {
	if l.gamma == nil {
		copy(y, x)
		return
	}
	kernels.LayerNorm(y, nil, nil, x, l.gamma, l.beta, n, len(l.gamma), l.eps)
}

// Snapshot packs the weights as they are now, deltas merged. External keys and values that
// belong to one batch (a cache) are no part of it.
func (e *Encoder) Snapshot() *Inference {
	s := &Inference{config: e.Config, blocks: make([]packedBlock, len(e.Blocks))}
	for i := range e.Blocks {
		b := &e.Blocks[i]
		s.blocks[i] = packedBlock{
			qkv: packProjections(b.Attention), out: pack(b.Attention.Output), up: pack(b.FeedForward.Up), down: pack(b.FeedForward.Down),
			attend: copyNorm(b.Attend.Norm), feed: copyNorm(b.Feed.Norm), act: b.FeedForward.Act,
			attendAdapter: packBottleneck(b.Attend.Adapter), feedAdapter: packBottleneck(b.Feed.Adapter),
			prefix: copyPrefix(b.Attention), window: b.Attention.Window, causal: b.Attention.Causal, rotary: b.Attention.Rotary,
		}
		if b.FeedForward.Gate != nil {
			gate := pack(b.FeedForward.Gate)
			s.blocks[i].gate = &gate
		}
	}
	if e.Final != nil {
		final := copyNorm(e.Final.LayerNorm)
		s.final = &final
	}
	return s
}

// packProjections packs query, key and value as one layer [3D, D].
func packProjections(a *nn.Attention) linear {
	var w, bias []float32
	for _, l := range []*nn.Linear{a.Query, a.Key, a.Value} {
		lw, lb := l.Merged()
		w, bias = append(w, lw...), append(bias, lb...)
	}
	return linear{kernels.PackNT(w, 3*a.Query.Out(), a.Query.In()), bias}
}

// copyPrefix returns the external keys and values [S, D] side by side, [S, 2D].
func copyPrefix(a *nn.Attention) []float32 {
	if a.External == nil || len(a.External.Key.Shape) != 2 {
		return nil
	}
	k, v := a.External.Key, a.External.Value
	s, d := k.Shape[0], a.Output.Out()
	both := make([]float32, 0, s*2*d)
	for t := range s {
		both = append(append(both, k.Value[t*d:(t+1)*d]...), v.Value[t*d:(t+1)*d]...)
	}
	return both
}

// First returns the first k blocks, 0 to all of them, without the final norm. It shares the weights of s.
func (s *Inference) First(k int) (*Inference, error) {
	if k < 0 || k > len(s.blocks) {
		return nil, fmt.Errorf("backbone: inference: blocks: got %d, want 0 to %d", k, len(s.blocks))
	}
	first := &Inference{config: s.config, blocks: s.blocks[:k:k]}
	if s.changes != nil {
		first.changes = s.changes[:k:k]
	}
	first.config.Layers = k
	return first, nil
}

// Config returns the encoder's configuration.
func (s *Inference) Config() Config { return s.config }

// Forward sets y [B, T, D] from x [B, T, D], which may be y. Positions past a sample's length give zeros and cost nothing.
func (s *Inference) Forward(y, x []float32, b *nn.Batch) error {
	if err := s.sizes(y, x, b); err != nil {
		return err
	}
	w := s.get()
	err := w.run(s, y, x, b, nil)
	s.put(w)
	if err != nil {
		return fmt.Errorf("backbone: inference: %w", err)
	}
	return nil
}

func (s *Inference) sizes(y, x []float32, b *nn.Batch) error {
	if n := b.B * b.T * s.config.Hidden; len(x) != n || len(y) != n {
		return fmt.Errorf("backbone: inference: got %d inputs and %d outputs, want %d", len(x), len(y), n)
	}
	return nil
}

func (s *Inference) get() *workspace {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.free)
	if n == 0 {
		return new(workspace)
	}
	w := s.free[n-1]
	s.free = s.free[:n-1]
	return w
}

func (s *Inference) put(w *workspace) {
	w.rows.Batch = nil
	clear(w.changer.segments)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.free) < maxFree {
		s.free = append(s.free, w)
	}
}
