package vision

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/vision/picture"
)

// A Model is a picture processor, a patch embedding and an encoder. Training changes it; use a snapshot to read with it meanwhile.
type Model struct {
	Name      string // what the user calls it: a folder, an identifier; goes into passports
	Config    Config
	Embedding *nn.PatchEmbed
	Encoder   *backbone.Encoder
	Processor picture.Processor

	frozen *frozen // nil: it may change
	base   *Model  // whose weights these are, of Share; nil: its own
}

// New returns a model with initial weights by seed. The processor gives pictures of the config's size and channels.
func New(c Config, p picture.Processor, seed uint64) (*Model, error) {
	m, err := build(c, p)
	if err != nil {
		return nil, err
	}
	for _, p := range m.Params() {
		p.Init(seed)
	}
	return m, nil
}

// build returns a model of zero weights.
func build(c Config, p picture.Processor) (*Model, error) {
	c = c.Defaults()
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := fits(&c, &p); err != nil {
		return nil, err
	}
	m := &Model{Config: c, Processor: p}
	var err error
	m.Embedding, err = nn.NewPatchEmbed(prefix, nn.PatchConfig{
		Rows: c.Grid(), Cols: c.Grid(), Patch: c.PatchSize, Channels: c.Channels, D: c.Hidden, Kind: c.PositionKind, Dropout: c.Dropout, Stem: c.Stem,
	})
	if err != nil {
		return nil, fmt.Errorf("vision: %w", err)
	}
	if m.Encoder, err = backbone.New(c.Config, prefix); err != nil {
		return nil, fmt.Errorf("vision: %w", err)
	}
	if !c.QKVBias {
		for _, b := range m.Encoder.Blocks {
			b.Attention.Query.B, b.Attention.Key.B, b.Attention.Value.B = nil, nil, nil
		}
	}
	for _, p := range m.Encoder.Params() {
		p.Name = names.Replace(p.Name)
	}
	return m, nil
}

// fits compares what the processor gives with what the config takes.
func fits(c *Config, p *picture.Processor) error {
	if err := p.Validate(); err != nil {
		return fmt.Errorf("vision: %w", err)
	}
	if w, h := p.Size(); w != c.ImageSize || h != c.ImageSize || p.Channels() != c.Channels {
		return fmt.Errorf("vision: preprocessor_config.json: %w: it gives %d x %d pixels with %d channels, want %d x %d with %d",
			ErrProcessor, w, h, p.Channels(), c.ImageSize, c.ImageSize, c.Channels)
	}
	return nil
}

// Params returns the parameters, the embedding's first.
func (m *Model) Params() []*nn.Param { return append(m.Embedding.Params(), m.Encoder.Params()...) }

// Width is D, the size of a token's vector.
func (m *Model) Width() int { return m.Config.Hidden }

// Clone returns a model with weights of its own.
func (m *Model) Clone() (*Model, error) {
	if err := m.Encoder.Unchanged(); err != nil {
		return nil, fmt.Errorf("vision: %w", err)
	}
	c, err := build(m.Config, m.Processor)
	if err != nil {
		return nil, err
	}
	c.Name = m.Name
	from := m.Params()
	for i, p := range c.Params() {
		copy(p.Value, from[i].Value)
	}
	return c, nil
}

// Fingerprint identifies the model as it is now: architecture, processor and every bit of the weights.
func (m *Model) Fingerprint() string {
	if m.frozen != nil {
		return m.frozen.fingerprint()
	}
	return m.fingerprint()
}

func (m *Model) fingerprint() string {
	h := sha256.New()
	f := m.Config.file()
	f.ModelType, f.Architectures, f.Dropout, f.AttentionDropout = "", nil, 0, 0 // nothing that reads depends on them
	if err := json.NewEncoder(h).Encode(f); err != nil {
		h.Write([]byte(err.Error())) // a valid config has only finite numbers
	}
	processor, err := m.Processor.JSON()
	if err != nil {
		h.Write([]byte(err.Error())) // a valid processor has one
	}
	h.Write(processor)
	fmt.Fprintln(h, checkpoint.Digest(m.Tensors()))
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
