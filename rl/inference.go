package rl

import (
	"fmt"
	"sync"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

// An Inference is an immutable snapshot of a model that only reads. It is safe for concurrent use and makes no garbage in steady state;
// training the model further doesn't change it. What a stretch gets doesn't depend on those beside it.
type Inference struct {
	config  Config
	shared  *sharedEmbedding
	own     []*projections
	encoder *backbone.Inference
	spare   sync.Pool // of *inferWork
	answers sync.Pool // of *answerWork
}

// maxBatch keeps the sizes of a batch within bounds.
const maxBatch = 1 << 16

// inferWork is what one call needs.
type inferWork struct {
	embed  embedWork
	window Window
	batch  nn.Batch
}

// Snapshot copies and packs the weights as they are now.
func (m *Model) Snapshot() *Inference {
	s := &Inference{config: m.Config.clone(), shared: m.shared.clone(), encoder: m.Encoder.Snapshot()}
	for i, p := range m.own {
		c := p.clone(m.Config.Hidden)
		c.about = &s.config.Environments[i]
		s.own = append(s.own, c)
	}
	s.spare.New = func() any { return new(inferWork) }
	s.answers.New = func() any { return new(answerWork) }
	return s
}

// Config returns the model's configuration, which isn't to be changed.
func (s *Inference) Config() Config { return s.config }

// Environment gives the number of an environment by its name.
func (s *Inference) Environment(id string) (int, error) { return s.config.environment(id) }

// Width is D, the size of a token's vector.
func (s *Inference) Width() int { return s.config.Hidden }

// Context is K, the most steps that the model sees at once.
func (s *Inference) Context() int { return s.config.Context }

// Observe sets y [n, D] to what the encoder makes of n observations [n, O] of an environment, by its number, each by itself.
func (s *Inference) Observe(y []float32, environment int, observations []float32, n int) error {
	if n < 1 || n > maxBatch {
		return fmt.Errorf("rl: observations: got %d, want 1 to %d", n, maxBatch)
	}
	w := s.spare.Get().(*inferWork)
	w.window, w.batch = Window{Parts: Observations, K: 1, Observations: observations}, nn.Batch{B: n, T: 1}
	err := s.encode(y, environment, &w.window, &w.batch, &w.embed)
	w.window = Window{}
	s.spare.Put(w)
	return err
}

// Encode sets y [B, T, D] to what the encoder makes of a window of an environment, by its number.
func (s *Inference) Encode(y []float32, environment int, w *Window, b *nn.Batch) error {
	work := s.spare.Get().(*inferWork)
	err := s.encode(y, environment, w, b, &work.embed)
	s.spare.Put(work)
	return err
}

func (s *Inference) encode(y []float32, environment int, w *Window, b *nn.Batch, e *embedWork) error {
	if environment < 0 || environment >= len(s.own) {
		return fmt.Errorf("rl: %w: got environment %d, want 0 to %d", ErrUnknown, environment, len(s.own)-1)
	}
	if err := s.encodeWindow(y, s.own[environment], w, b, e); err != nil {
		return fmt.Errorf("rl: %w", err)
	}
	return nil
}

func (s *Inference) encodeWindow(y []float32, p *projections, w *Window, b *nn.Batch, e *embedWork) error {
	if err := e.sum(s.shared, p, w, b, s.config.Context); err != nil {
		return err
	}
	if n := b.B * b.T * s.config.Hidden; len(y) != n {
		return fmt.Errorf("%w: got room for %d values, want %d", ErrShapeMismatch, len(y), n)
	}
	s.shared.norm.Infer(y, e.total, b.B*b.T)
	return s.encoder.Forward(y, y, b)
}
