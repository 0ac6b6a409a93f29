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

// Save writes model and head as a folder for Python, as Model.Save does; with half the weights are float16.
func (s *Scorer) Save(dir string, half bool) error {
	return s.model.Save(dir, SaveOptions{Head: s.head, Half: half})
}

// Each hands over the scores [C] of every text, which are valid until give returns. A text's scores don't depend on the texts beside it.
func (s *Scorer) Each(ctx context.Context, texts []string, give func(i int, scores []float32)) error {
	rows := make([]Row, len(texts))
	for i, t := range texts {
		rows[i] = s.model.Row(t, s.length)
	}
	c := s.head.Out()
	pooled, scores := make([]float32, scored*s.infer.Width()), make([]float32, scored*c)
	return s.infer.Each(ctx, rows, scored, func(x []float32, b *nn.Batch, at []int32) error {
		if err := s.score(scores, pooled, x, b); err != nil {
			return err
		}
		for i, r := range at {
			give(int(r), scores[i*c:(i+1)*c])
		}
		return nil
	})
}

// score sets the scores [B, C] and the pooled vectors [B, D] of x [B, T, D].
func (s *Scorer) score(scores, pooled, x []float32, b *nn.Batch) error {
	s.head.Pooling.Forward(pooled, x, b, s.infer.Width())
	if s.head.Normalize {
		nn.UnitRows(pooled, b.B, s.infer.Width())
	}
	if err := s.head.Logits(scores, pooled, b.B); err != nil {
		return err
	}
	s.head.Scores.Apply(scores, b.B, s.head.Out())
	return nil
}

// A Scoring is one text on its way to scores. It is a Reader.
type Scoring struct {
	Scores []float32 // [C], once the text has been read; they are those of Scorer.Each

	from *Scorer
	rows [1]Row
}

// Begin lays a text out for the model.
func (s *Scorer) Begin(text string) *Scoring {
	return &Scoring{from: s, rows: [1]Row{s.model.Row(text, s.length)}}
}

// Inference implements Reader.
func (r *Scoring) Inference() *Inference { return r.from.infer }

// Rows implements Reader.
func (r *Scoring) Rows() []Row { return r.rows[:] }

// Take implements Reader.
func (r *Scoring) Take(_ int, x []float32, b *nn.Batch) error {
	r.Scores = make([]float32, r.from.head.Out())
	return r.from.score(r.Scores, make([]float32, r.from.infer.Width()), x, b)
}
