package pretrain

import (
	"slices"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/nn"
)

// embeddings are the sources of all environments, of which a run uses one.
type embeddings struct {
	all     []*rl.Embedding
	current int
}

func newEmbeddings(m *rl.Model, parts rl.Parts) (*embeddings, error) {
	s := &embeddings{}
	for i := range m.Config.Environments {
		e, err := m.Embedding(i, parts)
		if err != nil {
			return nil, err
		}
		s.all = append(s.all, e)
	}
	return s, nil
}

// Name implements nn.Sublayer.
func (s *embeddings) Name() string { return "embeddings" }

// Params implements nn.Sublayer: those of all environments, each once.
func (s *embeddings) Params() []*nn.Param {
	var all []*nn.Param
	for _, e := range s.all {
		for _, p := range e.Params() {
			if !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	return all
}

// Shape implements nn.Sublayer: [B, T, D].
func (s *embeddings) Shape(b *nn.Batch) []int { return s.all[s.current].Shape(b) }

// Forward implements nn.Sublayer.
func (s *embeddings) Forward(y, x []float32, b *nn.Batch) error {
	return s.all[s.current].Forward(y, x, b)
}

// Backward implements nn.Sublayer.
func (s *embeddings) Backward(dx, dy, x, y []float32, b *nn.Batch) error {
	return s.all[s.current].Backward(dx, dy, x, y, b)
}
