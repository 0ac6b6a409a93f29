package pretrain

import (
	"fmt"
	"image"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision/picture"
)

// A batch is a micro-batch of pictures: what the embedding and the decoder want. It is made again and again in the same memory.
type batch struct {
	nn      nn.Batch  // [B, 1+K]
	patches []float32 // [B, N, C P P]
	keep    []int32   // [B, K]

	maker   *maker
	augment *picture.Augment // nil: none
	records []int            // [B]
	spaces  []space          // [B]
}

// space is what one picture is made in.
type space struct {
	record []byte
	shown  *image.NRGBA
	pixels []float32 // [C, H, W]
	err    error
}

// A maker makes batches of the pictures of a run.
type maker struct {
	pictures  *pictures
	processor *picture.Processor
	config    *Config
}

// fill makes b of records, whose samples have keys of their own. Each picture is a pure function of its record and key.
func (m *maker) fill(b *batch, records []int, keys func(i int) uint64, augment *picture.Augment) error {
	c, n := m.config, len(records)
	size := c.Model.Channels * c.Model.ImageSize * c.Model.ImageSize
	b.nn.B, b.nn.T = n, 1+c.kept()
	b.maker, b.augment, b.records = m, augment, records
	kernels.Grow(&b.patches, n*size)
	kernels.Grow(&b.keep, n*c.kept())
	kernels.Grow(&b.nn.Keys, n)
	for i := range n {
		b.nn.Keys[i] = keys(i)
	}
	for len(b.spaces) < n {
		side := m.pictures.side
		b.spaces = append(b.spaces, space{
			record: make([]byte, m.pictures.cache.Shape().Size()), shown: image.NewNRGBA(image.Rect(0, 0, side, side)), pixels: make([]float32, size),
		})
	}
	kernels.Parallel(n, b)
	for i := range n {
		if err := b.spaces[i].err; err != nil {
			return fmt.Errorf("pretrain: picture %d: %w", records[i], err)
		}
	}
	return nil
}

// Run implements kernels.Task: one picture to a part.
func (b *batch) Run(i int) {
	c, s, key := b.maker.config, &b.spaces[i], b.nn.Keys[i]
	if s.err = b.maker.pictures.cache.Read(s.record, b.records[i]); s.err != nil {
		return
	}
	picture.FromPlanes(s.shown, s.record)
	m := s.shown
	if b.augment != nil {
		m = b.augment.Apply(m, random.Mix(key, drawAugment))
	}
	if s.err = b.maker.processor.Process(s.pixels, m); s.err != nil {
		return
	}
	nn.Patchify(b.patches[i*len(s.pixels):(i+1)*len(s.pixels)], s.pixels, c.Model.Channels, c.Model.ImageSize, c.Model.ImageSize, c.Model.PatchSize)
	keepPatches(b.keep[i*c.kept():(i+1)*c.kept()], c.patches(), key)
}
