package rl

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
)

// A Model is an encoder that all environments share, with projections of each environment's own before and behind it. Training changes it; use a
// snapshot to read with it meanwhile.
type Model struct {
	Name    string // what the user calls it: a folder, an identifier; goes into passports
	Config  Config
	Encoder *backbone.Encoder

	shared *sharedEmbedding
	own    []*projections // by environment
}

// New returns a model with initial weights by seed.
func New(c Config, seed uint64) (*Model, error) {
	m, err := build(c)
	if err != nil {
		return nil, err
	}
	for _, p := range m.Params() {
		p.Init(seed)
	}
	nn.InitNormal(m.shared.kinds, seed)
	return m, nil
}

// build returns a model of zero weights.
func build(c Config) (*Model, error) {
	c = c.Defaults().clone()
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := &Model{Config: c, shared: newSharedEmbedding(&c)}
	var err error
	if m.Encoder, err = backbone.New(c.Config, ""); err != nil {
		return nil, fmt.Errorf("rl: %w", err)
	}
	for i := range c.Environments {
		m.own = append(m.own, newProjections(&m.Config.Environments[i], c.Hidden))
	}
	return m, nil
}

// Environment gives the number of an environment by its name.
func (m *Model) Environment(id string) (int, error) { return m.Config.environment(id) }

func (c *Config) environment(id string) (int, error) {
	var ids []string
	for i, e := range c.Environments {
		if e.ID == id {
			return i, nil
		}
		ids = append(ids, e.ID)
	}
	return 0, fmt.Errorf("%w: the model has no projections for %q, but for %q", ErrUnknown, id, ids)
}

// With returns a model that shares no weights with m and has one more environment, whose projections have initial weights by seed.
func (m *Model) With(e Environment, seed uint64) (*Model, error) {
	c := m.Config
	c.Environments = append(slices.Clone(c.Environments), e)
	n, err := build(c)
	if err != nil {
		return nil, err
	}
	n.Name = m.Name
	from, params := m.Params(), n.Params()
	for i, p := range from { // the new ones come last
		copy(params[i].Value, p.Value)
	}
	for _, p := range params[len(from):] {
		p.Init(seed)
	}
	return n, nil
}

// Embedding returns a source of the windows of an environment, by its number, whose steps have these parts or some of them. It shares the model's weights.
func (m *Model) Embedding(environment int, p Parts) (*Embedding, error) {
	if environment < 0 || environment >= len(m.own) || p == 0 || p&^(Returns|Observations|Actions) != 0 {
		return nil, fmt.Errorf("rl: embedding: %w: got environment %d and parts %b, want 0 to %d and some parts", ErrShapeMismatch, environment, p, len(m.own)-1)
	}
	return &Embedding{shared: m.shared, own: m.own[environment], parts: p, context: m.Config.Context, Window: Window{Parts: p}}, nil
}

// Chain returns an embedding and the sublayers from it to the encoder's output [B, T, D]: features of single observations with Observations as the only part and
// windows of one step, or of every token of a context. Set nn.Batch.Causal where a token is to see only what stands before it.
func (m *Model) Chain(environment int, p Parts) (*Embedding, []nn.Sublayer, error) {
	e, err := m.Embedding(environment, p)
	if err != nil {
		return nil, nil, err
	}
	return e, append([]nn.Sublayer{e}, m.Encoder.Sublayers()...), nil
}

// Heads gives what predicts an environment's returns [1, D], observations [Targets, D] and actions [ActionInputs, D] from an output of the encoder.
func (m *Model) Heads(environment int) (returns, observations, actions *nn.Linear) {
	p := m.own[environment]
	return p.predictReturn, p.predictState, p.predictAction
}

// Params returns the parameters: the shared ones first, then those of each environment.
func (m *Model) Params() []*nn.Param {
	all := append(m.shared.params(), m.Encoder.Params()...)
	for _, p := range m.own {
		all = append(all, p.params()...)
	}
	return all
}

// Tensors returns the parameters as the tensors of a file, which share their values.
func (m *Model) Tensors() []checkpoint.Tensor {
	var all []checkpoint.Tensor
	for _, p := range m.Params() {
		all = append(all, checkpoint.Tensor{Name: p.Name, Shape: p.Shape, Data: p.Value})
	}
	return all
}

// Width is D, the size of a token's vector.
func (m *Model) Width() int { return m.Config.Hidden }

// Backbone returns the encoder.
func (m *Model) Backbone() *backbone.Encoder { return m.Encoder }

// Clone returns a model with weights of its own.
func (m *Model) Clone() (*Model, error) {
	c, err := build(m.Config)
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

// Fresh returns the same model with initial weights by seed.
func (m *Model) Fresh(seed uint64) (*Model, error) {
	f, err := New(m.Config, seed)
	if err != nil {
		return nil, err
	}
	f.Name = m.Name
	return f, nil
}

// Fingerprint identifies the model as it is now: architecture, environments and every bit of the weights.
func (m *Model) Fingerprint() string {
	h := sha256.New()
	f := m.Config.file()
	f.Dropout, f.AttentionDropout = 0, 0 // nothing that reads depends on them
	if err := json.NewEncoder(h).Encode(f); err != nil {
		h.Write([]byte(err.Error())) // a valid config has only finite numbers
	}
	fmt.Fprintln(h, checkpoint.Digest(m.Tensors()))
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// Identity names the model in an adapter's passport, with the SHA-256 of the environments where texts have that of the tokenizer.
func (m *Model) Identity() adapter.Base {
	raw, err := json.Marshal(m.Config.file().Environments)
	if err != nil {
		raw = []byte(err.Error()) // a valid config has only finite numbers
	}
	sum := sha256.Sum256(raw)
	return adapter.Base{Name: m.Name, Fingerprint: m.Fingerprint(), Tokenizer: "sha256:" + hex.EncodeToString(sum[:])}
}
