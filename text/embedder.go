package text

import (
	"context"
	"fmt"
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// An EmbedConfig says how texts become vectors. Zero values mean the defaults.
type EmbedConfig struct {
	Pooling   string // mean (default) or max over the tokens, or cls: the first token's vector
	MaxLength int    // most tokens of a text, cut at the end; default the model's
	Batch     int    // texts encoded at once, default 32
	Normalize bool   // scale every vector to length 1
}

// An Embedder turns texts into vectors. It is safe for concurrent use.
type Embedder struct {
	model  *Model
	infer  *Inference
	config EmbedConfig
	pool   nn.Pooling
}

// NewEmbedder makes an embedder of the model as it is now.
func NewEmbedder(m *Model, c EmbedConfig) (*Embedder, error) {
	if c.Pooling == "" {
		c.Pooling = "mean"
	}
	if c.Batch == 0 {
		c.Batch = 32
	}
	if c.Batch < 0 || c.MaxLength < 0 {
		return nil, fmt.Errorf("text: embedder: batch %d and length %d, want 0 or more", c.Batch, c.MaxLength)
	}
	pool, err := nn.ParsePooling(c.Pooling)
	if err != nil {
		return nil, fmt.Errorf("text: embedder: %w", err)
	}
	c.MaxLength = m.Length(c.MaxLength)
	return &Embedder{model: m, infer: m.Snapshot(), config: c, pool: pool}, nil
}

// Width is the length of a vector.
func (e *Embedder) Width() int { return e.infer.Width() }

// Embed returns one vector for each text, in order. A text's vector doesn't depend on the texts beside it.
func (e *Embedder) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	rows := make([]Row, len(texts))
	for i, t := range texts {
		rows[i] = e.model.Row(t, e.config.MaxLength)
	}
	d := e.infer.Width()
	all := make([][]float32, len(texts))
	var pooled []float32
	err := e.infer.Each(ctx, rows, e.config.Batch, func(x []float32, b *nn.Batch, at []int32) error {
		if cap(pooled) < b.B*d {
			pooled = make([]float32, b.B*d)
		}
		pooled = pooled[:b.B*d]
		e.pool.Forward(pooled, x, b, d)
		for i, r := range at {
			v := append([]float32(nil), pooled[i*d:(i+1)*d]...)
			if e.config.Normalize {
				normalize(v)
			}
			all[r] = v
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// normalize scales v to length 1; the zero vector stays.
func normalize(v []float32) {
	if n := math.Sqrt(kernels.SumSquares(v)); n > 0 {
		for i := range v {
			v[i] = float32(float64(v[i]) / n)
		}
	}
}
