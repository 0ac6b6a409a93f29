package rl

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// A Memory is what a model has read of one stretch, token by token and causally: the keys and values of every layer, so that Continue reads each token once. It belongs
// to one Inference and serves one call at a time.
type Memory struct {
	from   *Inference
	cache  *backbone.Cache
	caches [1]*backbone.Cache
	embed  embedWork
	window Window
	batch  nn.Batch
	length [1]int32
	y      []float32 // [K, S, D]
}

// NewMemory returns an empty memory.
func (s *Inference) NewMemory() *Memory {
	m := &Memory{from: s, cache: s.encoder.NewCache()}
	m.caches[0] = m.cache
	return m
}

// Len is the number of tokens that were read.
func (m *Memory) Len() int { return m.cache.Len() }

// Forget empties the memory: what is read next begins a stretch.
func (m *Memory) Forget() { m.cache.Truncate(0) }

// Continue reads the first tokens of a window w of one stretch, of which the memory holds the first ones already, and sets y [D] to what the encoder makes of the last of
// them: to the bit what Encode makes of all of them in a causal batch. Nothing is hidden; the step that the last token is of may lack the parts after it. After an error the
// memory is as before. It makes no garbage in steady state.
func (s *Inference) Continue(y []float32, environment int, w *Window, tokens int, m *Memory) error {
	if environment < 0 || environment >= len(s.own) {
		return fmt.Errorf("rl: %w: got environment %d, want 0 to %d", ErrUnknown, environment, len(s.own)-1)
	}
	each, have, d := w.Parts.Len(), m.Len(), s.config.Hidden
	if m.from != s || each == 0 || w.Hidden != nil || len(y) != d || tokens <= have || tokens > w.Tokens() || tokens <= w.Tokens()-each {
		return fmt.Errorf("rl: continue: %w: got %d tokens of %d steps, %d of them read, and room for %d values, want more tokens, which end in the last step, a memory of this model and room for %d",
			ErrShapeMismatch, tokens, w.K, have, len(y), d)
	}
	from := have / each // the first step that isn't read whole
	m.window = Window{Parts: w.Parts, K: w.K - from}
	for i, part := range parts {
		if !w.Parts.Has(part) {
			continue
		}
		v, size := w.values(i), s.own[environment].about.numbers(i)
		if len(v) != w.K*size {
			return fmt.Errorf("rl: continue: %w: %s: got %d numbers, want %d of %d steps", ErrShapeMismatch, partNames[i], len(v), w.K*size, w.K)
		}
		*[...]*[]float32{&m.window.Returns, &m.window.Observations, &m.window.Actions}[i] = v[from*size:]
	}
	m.length[0] = int32(tokens - from*each)
	m.batch = nn.Batch{B: 1, T: m.window.Tokens(), Lengths: m.length[:], Causal: true}
	if err := m.embed.sum(s.shared, s.own[environment], &m.window, &m.batch, s.config.Context-from); err != nil {
		return fmt.Errorf("rl: continue: %w", err)
	}
	read, more := have-from*each, tokens-have
	x := kernels.Grow(&m.y, more*d)
	s.shared.norm.Infer(x, m.embed.total[read*d:(read+more)*d], more)
	m.batch = nn.Batch{B: 1, T: more}
	if err := s.encoder.Decode(x, x, &m.batch, m.caches[:]); err != nil {
		return fmt.Errorf("rl: continue: %w", err)
	}
	copy(y, x[(more-1)*d:])
	return nil
}
