package policy

import (
	"fmt"
	"sync"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// A Policy acts in one environment. It is an immutable snapshot, safe for concurrent use; a Session plays an episode with it.
type Policy struct {
	settings    Settings
	actions     Actions
	passport    *adapter.Passport // nil: not of a folder
	infer       *rl.Inference
	environment int // the model's number of it
	head        *Head
	deviations  []float32 // [A] of vectors
	spare       sync.Pool // of *work
}

// work is what one call needs.
type work struct {
	features []float32 // [n, D]
	batch    nn.Batch
}

// New returns a policy of the model and the head as they are now. What the model knows of the settings' environment replaces what the settings say.
func New(m *rl.Model, h *Head, s Settings) (*Policy, error) {
	i, err := m.Environment(s.Environment.ID)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	infer := m.Snapshot()
	s.Environment = infer.Config().Environments[i]
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if s.Context > m.Config.Context {
		return nil, fmt.Errorf("policy: %w: context: got %d, want at most the %d of the model", ErrSettings, s.Context, m.Config.Context)
	}
	p := &Policy{settings: s, infer: infer, environment: i, head: h.clone()}
	p.actions = Actions{&p.settings.Environment}
	if h.Action.Out() != p.actions.Outputs() || h.Action.In() != m.Width() || (h.LogDeviation == nil) != p.actions.Discrete() {
		return nil, fmt.Errorf("policy: head: got %d outputs of width %d, want %d of %d", h.Action.Out(), h.Action.In(), p.actions.Outputs(), m.Width())
	}
	for _, v := range p.head.LogDeviations() {
		p.deviations = append(p.deviations, kernels.Exp(v))
	}
	p.spare.New = func() any { return new(work) }
	return p, nil
}

// Settings returns what the policy has besides its weights.
func (p *Policy) Settings() Settings { return p.settings }

// Actions returns what the policy chooses from.
func (p *Policy) Actions() Actions { return p.actions }

// Deviations are those of the numbers of action vectors [A], nil of whole numbers.
func (p *Policy) Deviations() []float32 { return p.deviations }

// Passport says where the policy comes from, nil where it is of no folder.
func (p *Policy) Passport() *adapter.Passport { return p.passport }

// Observe sets outputs [n, A] (nil: not wanted) and values [n] for observations [n, O], each by itself, of a policy without a context.
func (p *Policy) Observe(outputs, values, observations []float32, n int) error {
	w := p.spare.Get().(*work)
	defer p.spare.Put(w)
	y := kernels.Grow(&w.features, n*p.infer.Width())
	if err := p.infer.Observe(y, p.environment, observations, n); err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	w.batch = nn.Batch{B: n, T: 1}
	return p.answer(outputs, values, y, &w.batch)
}

// answer maps features [B, D].
func (p *Policy) answer(outputs, values, features []float32, b *nn.Batch) error {
	if outputs != nil {
		if err := p.head.Action.Forward(outputs, features, b.B, b); err != nil {
			return fmt.Errorf("policy: %w", err)
		}
	}
	if err := p.head.Value.Forward(values, features, b.B, b); err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	return nil
}
