package vision

import "sync"

// frozen is what a model that won't change has once.
type frozen struct {
	infer       *Inference
	fingerprint func() string
}

// Freeze promises that m won't change any more. Its snapshot and its fingerprint are then made once, and adapters on it share its weights: those that keep the
// encoder as it is have m's own snapshot, low-rank ones (LoRA) compute their change beside it. It must not run beside anything else that uses m.
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
