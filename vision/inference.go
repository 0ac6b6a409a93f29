package vision

import (
	"errors"
	"fmt"
	"sync"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// An Inference is an immutable snapshot of a model that only reads. It is safe for concurrent use and makes no garbage in steady state;
// training the model further doesn't change it. What a picture gets doesn't depend on the pictures beside it.
type Inference struct {
	embedding              *nn.PatchEmbed
	encoder                *backbone.Inference
	grid, width            int
	channels, image, patch int
	buffers                sync.Pool // of *patches
}

// maxBatch keeps the sizes of a batch within bounds.
const maxBatch = 1 << 16

// patches cuts a batch of pictures, one to a part.
type patches struct {
	s      *Inference
	batch  nn.Batch
	pixels []float32 // [n, C, H, W]
	cut    []float32 // [n, N, C P P]
}

// Run implements kernels.Task.
func (p *patches) Run(i int) {
	n := p.s.channels * p.s.image * p.s.image
	nn.Patchify(p.cut[i*n:(i+1)*n], p.pixels[i*n:(i+1)*n], p.s.channels, p.s.image, p.s.image, p.s.patch)
}

// Snapshot copies and packs the weights as they are now; a frozen model has made its only one already.
func (m *Model) Snapshot() *Inference {
	if m.frozen != nil {
		return m.frozen.infer
	}
	if m.base != nil {
		b := m.base.frozen.infer
		if encoder, ok := b.encoder.With(m.Encoder); ok {
			return newInference(b.embedding, encoder, &m.Config)
		}
	}
	return newInference(m.Embedding.Clone(), m.Encoder.Snapshot(), &m.Config)
}

func newInference(e *nn.PatchEmbed, encoder *backbone.Inference, c *Config) *Inference {
	s := &Inference{embedding: e, encoder: encoder, grid: c.Grid(), width: c.Hidden, channels: c.Channels, image: c.ImageSize, patch: c.PatchSize}
	s.buffers.New = func() any { return new(patches) }
	return s
}

// Layer returns the part of s that ends after its first k blocks, 0 to all of them, without the final norm: its Encode gives what transformers calls hidden_states[k]. It
// shares the weights of s.
func (s *Inference) Layer(k int) (*Inference, error) {
	encoder, err := s.encoder.First(k)
	if err != nil {
		return nil, fmt.Errorf("vision: %w", err)
	}
	return newInference(s.embedding, encoder, &Config{Config: s.encoder.Config(), ImageSize: s.image, PatchSize: s.patch, Channels: s.channels}), nil
}

// Tokens is 1+N: the class token and the patches.
func (s *Inference) Tokens() int { return 1 + s.grid*s.grid }

// Grid gives the rows and columns of patches.
func (s *Inference) Grid() (rows, cols int) { return s.grid, s.grid }

// Width is D, the size of a token's vector.
func (s *Inference) Width() int { return s.width }

// Layers is the number of blocks.
func (s *Inference) Layers() int { return s.encoder.Config().Layers }

// Encode sets y [n, 1+N, D] from pixels [n, C, H, W] as the processor gives them: of each picture the class token, then the patches in row order.
func (s *Inference) Encode(y, pixels []float32, n int) error {
	if err := s.sizes(y, pixels, n); err != nil {
		return err
	}
	p := s.cut(pixels, n)
	err := s.encode(y, p.cut, &p.batch)
	s.done(p)
	return err
}

// States sets y[i] [n, 1+N, D] to what Encode of Layer(layers[i]) gives, to the bit, in one pass. The layers rise.
func (s *Inference) States(y [][]float32, layers []int, pixels []float32, n int) error {
	if len(y) == 0 {
		return errors.New("vision: states: got no outputs, want at least 1")
	}
	for _, out := range y {
		if err := s.sizes(out, pixels, n); err != nil {
			return err
		}
	}
	p, x := s.cut(pixels, n), y[len(y)-1]
	err := s.embedding.Infer(x, p.cut, nil, &p.batch)
	if err == nil {
		err = s.encoder.States(y, layers, x, &p.batch)
	}
	s.done(p)
	if err != nil {
		return fmt.Errorf("vision: %w", err)
	}
	return nil
}

// sizes holds those of outputs and pixels of n pictures against the model's.
func (s *Inference) sizes(y, pixels []float32, n int) error {
	size := s.channels * s.image * s.image
	if n < 1 || n > maxBatch {
		return fmt.Errorf("vision: pictures: got %d, want 1 to %d", n, maxBatch)
	}
	if len(pixels) != n*size || len(y) != n*s.Tokens()*s.width {
		return fmt.Errorf("vision: got %d values of pixels and %d outputs for %d pictures, want %d and %d", len(pixels), len(y), n, n*size, n*s.Tokens()*s.width)
	}
	return nil
}

// cut gives the patches of n pictures, until done.
func (s *Inference) cut(pixels []float32, n int) *patches {
	p := s.buffers.Get().(*patches)
	p.s, p.pixels, p.batch = s, pixels, nn.Batch{B: n, T: s.Tokens()}
	kernels.Grow(&p.cut, len(pixels))
	kernels.Parallel(n, p)
	return p
}

func (s *Inference) done(p *patches) {
	p.pixels = nil
	s.buffers.Put(p)
}

// encode sets y [B, 1+N, D] from patches [B, N, C P P].
func (s *Inference) encode(y, patches []float32, b *nn.Batch) error {
	err := s.embedding.Infer(y, patches, nil, b)
	if err == nil {
		err = s.encoder.Forward(y, y, b)
	}
	if err != nil {
		return fmt.Errorf("vision: %w", err)
	}
	return nil
}
