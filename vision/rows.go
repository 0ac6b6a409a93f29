package vision

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision/picture"
)

// Records are pictures as the processor's Levels gives them; a dataset.Cache is one.
type Records interface {
	Len() int
	Read(levels []byte, i int) error // record i, [C, H, W]
}

// Rows are pictures that a model is tuned on.
type Rows struct {
	records   Records
	processor picture.Processor
	config    Config
	augment   *picture.Augment // nil: none
	lengths   []int32
	ring      [3]RowBatch // one in use, one waiting, one being made
	next      int
}

// A RowBatch holds pictures side by side.
type RowBatch struct {
	patches []float32 // [B, N, C P P]

	rows   *Rows
	layout *nn.Batch
	chosen []int32
	spaces []space // [B]
}

// space is what one picture is made in.
type space struct {
	levels []byte
	shown  *image.NRGBA
	values []float32
	err    error
}

// TuningRows makes Rows for m and models like it. Where rows are laid out for training, augment varies them, unless it is nil; crops become as large as
// the model's input, whatever size it gives them.
func (m *Model) TuningRows(records Records, augment *picture.Augment) (*Rows, error) {
	r := &Rows{records: records, processor: m.Processor, config: m.Config}
	if augment != nil {
		a := *augment
		if a.Crop != nil {
			crop := *a.Crop
			crop.Width, crop.Height = m.Config.ImageSize, m.Config.ImageSize
			a.Crop = &crop
		}
		if err := a.Validate(); err != nil {
			return nil, fmt.Errorf("vision: %w", err)
		}
		r.augment = &a
	}
	r.lengths = slices.Repeat([]int32{int32(m.Config.MaxPositions)}, records.Len())
	for i := range r.ring {
		r.ring[i].rows = r
	}
	return r, nil
}

// Lengths gives the tokens of every picture, as many of each.
func (r *Rows) Lengths() []int32 { return r.lengths }

// Lay reads the chosen pictures and cuts them into patches.
func (r *Rows) Lay(l *nn.Batch, chosen []int32) (*RowBatch, error) {
	b := &r.ring[r.next]
	r.next = (r.next + 1) % len(r.ring)
	c := &r.config
	size := c.Channels * c.ImageSize * c.ImageSize
	l.T, b.layout, b.chosen = c.MaxPositions, l, chosen
	kernels.Grow(&b.patches, len(chosen)*size)
	for len(b.spaces) < len(chosen) {
		shown := image.NewNRGBA(image.Rect(0, 0, c.ImageSize, c.ImageSize))
		b.spaces = append(b.spaces, space{levels: make([]byte, size), shown: shown, values: make([]float32, size)})
	}
	kernels.Parallel(len(chosen), b)
	for i, row := range chosen {
		if err := b.spaces[i].err; err != nil {
			return nil, fmt.Errorf("vision: picture %d: %w", row, err)
		}
	}
	return b, nil
}

// Run implements kernels.Task: one picture to a part, a pure function of its record and key.
func (b *RowBatch) Run(i int) {
	r, s := b.rows, &b.spaces[i]
	c := &r.config
	if s.err = r.records.Read(s.levels, int(b.chosen[i])); s.err != nil {
		return
	}
	if b.layout.Train && r.augment != nil {
		picture.FromPlanes(s.shown, s.levels)
		m := r.augment.Apply(s.shown, random.Mix(b.layout.Keys[i], drawAugment))
		picture.Planes(s.levels, m, c.Channels)
	}
	if s.err = r.processor.Values(s.values, s.levels); s.err != nil {
		return
	}
	n := len(s.values)
	nn.Patchify(b.patches[i*n:(i+1)*n], s.values, c.Channels, c.ImageSize, c.ImageSize, c.PatchSize)
}

// drawAugment is what a picture's key is mixed with to vary it; dropout mixes it otherwise.
const drawAugment = 0x6175676d656e74

// Varied says whether rows are varied where they are laid out for training.
func (r *Rows) Varied() bool { return r.augment != nil }

// Chain gives the sublayers of m, and what hands a batch to them.
func (r *Rows) Chain(m *Model) ([]nn.Sublayer, func(*RowBatch)) {
	feed := func(b *RowBatch) { m.Embedding.Patches, m.Embedding.Keep = b.patches, nil }
	return append([]nn.Sublayer{m.Embedding}, m.Encoder.Sublayers()...), feed
}

// Encoder gives what sets y [B, 1+N, D] to the vectors that m as it is now makes of a batch.
func (r *Rows) Encoder(m *Model) func(y []float32, b *RowBatch, l *nn.Batch) error {
	s := m.Snapshot()
	return func(y []float32, b *RowBatch, l *nn.Batch) error { return s.encode(y, b.patches, l) }
}

// Fresh returns the same model with initial weights by seed.
func (m *Model) Fresh(seed uint64) (*Model, error) {
	f, err := New(m.Config, m.Processor, seed)
	if err != nil {
		return nil, err
	}
	f.Name = m.Name
	return f, nil
}

// Backbone returns the encoder.
func (m *Model) Backbone() *backbone.Encoder { return m.Encoder }

// Identity names the model in an adapter's passport, with the SHA-256 of preprocessor_config.json where texts have that of the tokenizer.
func (m *Model) Identity() adapter.Base {
	raw, err := m.Processor.JSON()
	if err != nil {
		raw = []byte(err.Error()) // a valid processor has one
	}
	sum := sha256.Sum256(raw)
	return adapter.Base{Name: m.Name, Fingerprint: m.Fingerprint(), Tokenizer: "sha256:" + hex.EncodeToString(sum[:])}
}
