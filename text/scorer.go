package text

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/nn"
)

// A Scorer gives texts the scores of a head over their pooled vectors. It is safe for concurrent use.
type Scorer struct {
	model  *Model
	infer  *Inference
	head   *Head
	length int
}

// scored is how many texts are encoded at once.
const scored = 32

// NewScorer makes a scorer of a model and a head as they are now, for texts of at most length tokens; what is longer is cut.
func NewScorer(m *Model, h *Head, length int) (*Scorer, error) {
	if h.Pooling == "" {
		return nil, fmt.Errorf("text: scorer: got a head for %s, which reads every token, want one of pooled vectors", h.Task)
	}
	if length < 3 || length > m.Length(0) {
		return nil, fmt.Errorf("text: scorer: length: got %d, want 3 to %d", length, m.Length(0))
	}
	return &Scorer{model: m, infer: m.Snapshot(), head: h, length: length}, nil
}

// Model is what the head reads.
func (s *Scorer) Model() *Model { return s.model }

// Each hands over the scores [C] of every text, which are valid until give returns. A text's scores don't depend on the texts beside it.
func (s *Scorer) Each(ctx context.Context, texts []string, give func(i int, scores []float32)) error {
	rows := make([]Row, len(texts))
	for i, t := range texts {
		rows[i] = s.model.Row(t, s.length)
	}
	c, d := s.head.Out(), s.infer.Width()
	pooled, scores := make([]float32, scored*d), make([]float32, scored*c)
	return s.infer.Each(ctx, rows, scored, func(x []float32, b *nn.Batch, at []int32) error {
		s.head.Pooling.Forward(pooled, x, b, d)
		if s.head.Normalize {
			nn.UnitRows(pooled, b.B, d)
		}
		if err := s.head.Logits(scores, pooled, b.B); err != nil {
			return err
		}
		s.head.Scores.Apply(scores, b.B, c)
		for i, r := range at {
			give(int(r), scores[i*c:(i+1)*c])
		}
		return nil
	})
}
