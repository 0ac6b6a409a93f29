package vision

import (
	"fmt"
	"image"
	"sync"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/vision/picture"
)

// EmbedConfig says how pictures become vectors. Zero values mean the defaults.
type EmbedConfig struct {
	Pooling   string // mean over the patches, or cls: the class token's vector, as ParsePooling says; default mean
	Normalize bool   // scale every vector to length 1
}

// An Embedder turns pictures into vectors. It is safe for concurrent use.
type Embedder struct {
	infer     *Inference
	processor picture.Processor
	pool      nn.Pooling
	normalize bool
	size      int       // values of a picture
	spare     sync.Pool // of *embedding
}

// embedding is what a picture is embedded in.
type embedding struct {
	pixels []float32 // [C, H, W]
	y      []float32 // [1, 1+N, D]
}

// NewEmbedder makes an embedder of the model as it is now.
func NewEmbedder(m *Model, c EmbedConfig) (*Embedder, error) {
	if c.Pooling == "" {
		c.Pooling = string(nn.PoolMean)
	}
	pool, err := ParsePooling(c.Pooling)
	if err != nil {
		return nil, err
	}
	size := m.Config.Channels * m.Config.ImageSize * m.Config.ImageSize
	e := &Embedder{infer: m.Snapshot(), processor: m.Processor, pool: pool, normalize: c.Normalize, size: size}
	e.spare.New = func() any { return new(embedding) }
	return e, nil
}

// Width is the length of a vector.
func (e *Embedder) Width() int { return e.infer.Width() }

// Embed sets v [D] to the vector of a picture. It makes no garbage in steady state.
func (e *Embedder) Embed(v []float32, m *image.NRGBA) error {
	d, t := e.infer.Width(), e.infer.Tokens()
	if len(v) != d {
		return fmt.Errorf("vision: embed: got room for %d values, want %d", len(v), d)
	}
	s := e.spare.Get().(*embedding)
	defer e.spare.Put(s)
	if err := e.processor.Process(kernels.Grow(&s.pixels, e.size), m); err != nil {
		return err
	}
	if err := e.infer.Encode(kernels.Grow(&s.y, t*d), s.pixels, 1); err != nil {
		return err
	}
	e.pool.Forward(v, s.y, &nn.Batch{B: 1, T: t}, d)
	if e.normalize {
		nn.UnitRows(v, 1, d)
	}
	return nil
}
