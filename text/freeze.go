package text

import (
	"sync"
)

// frozen is what a model that won't change has once.
type frozen struct {
	infer       *Inference
	fingerprint func() string
}

// Freeze promises that m won't change any more. Its snapshot and its fingerprint are then made once, and adapters on it share its weights: those that keep the
// encoder as it is have m's own snapshot, low-rank ones (LoRA) compute their change beside it. A server has many adapters in memory this way. It must not run
// beside anything else that uses m.
func (m *Model) Freeze() {
	if m.frozen != nil {
		return
	}
	infer := m.Snapshot()
	m.frozen = &frozen{infer, sync.OnceValue(m.fingerprint)}
}

// Frozen says whether Freeze has been called.
func (m *Model) Frozen() bool { return m.frozen != nil }

// Share returns a model that reads the weights of m, which must be frozen, and has a place for low-rank changes of its own.
func (m *Model) Share() *Model {
	s := *m
	s.frozen, s.base = nil, m
	s.Encoder = m.Encoder.Share()
	return &s
}

// beside is the snapshot of a model that shares the weights of another: its changes beside them; nil where a change can't be had so.
func (m *Model) beside() *Inference {
	encoder, ok := m.base.frozen.infer.encoder.With(m.Encoder)
	if !ok {
		return nil
	}
	b := m.base.frozen.infer
	s := &Inference{
		embedding: b.embedding, encoder: encoder, width: b.width, positions: b.positions, tokenizer: b.tokenizer, single: b.single, pad: b.pad, base: b,
	}
	s.buffers.New = func() any { return new(buffers) }
	return s
}
