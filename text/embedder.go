package text

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/nn"
)

// An EmbedConfig says how texts become vectors. Zero values mean the defaults.
type EmbedConfig struct {
	Pooling   string // mean or max over the tokens, or cls: the first token's vector; default what the folder says, else mean
	MaxLength int    // most tokens of a text, cut at the end; default what the folder says, else the model's
	Batch     int    // texts encoded at once, default 32
	Normalize bool   // scale every vector to length 1; with the default pooling also where the folder says so
}

// An Embedder turns texts into vectors. It is safe for concurrent use.
type Embedder struct {
	model  *Model
	lower  bool
	infer  *Inference
	config EmbedConfig
	pool   nn.Pooling
}

// NewEmbedder makes an embedder of the model as it is now.
func NewEmbedder(m *Model, c EmbedConfig) (*Embedder, error) {
	s := m.Sentence
	if s == nil {
		s = &Sentence{Pooling: nn.PoolMean}
	}
	if c.Pooling == "" {
		if s.other != "" {
			return nil, fmt.Errorf("text: embedder: %w: %s: module %s (name a pooling to do without it)", ErrUnsupportedModel, modulesFile, s.other)
		}
		c.Pooling, c.Normalize = string(s.Pooling), c.Normalize || s.Normalize
	}
	if c.MaxLength == 0 {
		c.MaxLength = s.MaxLength
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
	return &Embedder{model: m, lower: s.Lowercase, infer: m.Snapshot(), config: c, pool: pool}, nil
}

// Width is the length of a vector.
func (e *Embedder) Width() int { return e.infer.Width() }

// Embed returns one vector for each text, in order. A text's vector doesn't depend on the texts beside it.
func (e *Embedder) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	r := e.Begin(texts)
	if err := Read(ctx, r, e.config.Batch); err != nil {
		return nil, err
	}
	return r.Vectors, nil
}

// AppendVector appends the vector of one text to dst [D]. It makes no garbage in steady state where dst has room; the vector is the one that
// Embed gives.
func (e *Embedder) AppendVector(dst []float32, text string) ([]float32, error) {
	if e.lower {
		text = strings.ToLower(text)
	}
	r, err := e.infer.Read(text, e.config.MaxLength)
	if err != nil {
		return dst, err
	}
	defer r.Close()
	n, d := len(dst), e.infer.Width()
	dst = slices.Grow(dst, d)[:n+d]
	e.pool.Forward(dst[n:], r.X, &r.Batch, d)
	if e.config.Normalize {
		nn.UnitRows(dst[n:], 1, d)
	}
	return dst, nil
}
