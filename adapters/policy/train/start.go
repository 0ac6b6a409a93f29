package train

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
)

// A start is what training begins with.
type start struct {
	base     *rl.Model
	model    *rl.Model // knows the environment; what isn't tuned is frozen
	head     *policy.Head
	others   []*nn.Param  // what the folder holds besides those of few
	few      *peft.Change // nil: none
	settings policy.Settings
}

// begin prepares a copy of base, or a model of random weights where that is nil, for the environment about.
func begin(base *rl.Model, about rl.Environment, c *Config) (*start, error) {
	s := &start{base: base, settings: policy.Settings{
		Environment: about, Envelope: policy.Envelope{Margin: c.Margin, Fallback: slices.Clone(c.Fallback)},
	}}
	if c.Algorithm == Return {
		s.settings.Context = c.Cloning.Context
	}
	var err error
	if base == nil {
		if s.base, err = s.random(c); err != nil {
			return nil, err
		}
	} else if i, err := base.Environment(about.ID); err == nil { // its scales go with its weights
		e := base.Config.Environments[i]
		s.settings.Environment.Mean, s.settings.Environment.Std, s.settings.Environment.ReturnScale = e.Mean, e.Std, e.ReturnScale
	}
	from := s.base
	if c.Method == adapter.Scratch && base != nil {
		if from, err = base.Fresh(c.Seed); err != nil {
			return nil, fmt.Errorf("policy: train: %w", err)
		}
	}
	var added []*nn.Param
	if s.model, added, err = policy.Know(from, s.settings.Environment, c.Seed); err != nil {
		return nil, err
	}
	if err := s.settings.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if k := s.model.Config.Context; s.settings.Context > k {
		return nil, fmt.Errorf("%w: cloning: context: got %d, want at most the %d of the base", ErrConfig, s.settings.Context, k)
	}
	s.head = policy.NewHead(policy.Actions{About: &about}, s.model.Width(), c.Seed)
	return s, s.tune(added, c)
}

// random makes the base of random weights.
func (s *start) random(c *Config) (*rl.Model, error) {
	if c.Method != adapter.Scratch {
		return nil, fmt.Errorf("%w: method: got %s without a base, want %s", ErrConfig, c.Method, adapter.Scratch)
	}
	z := c.Sizes
	config := rl.Config{
		Config:  backbone.Config{Hidden: z.Hidden, Layers: z.Layers, Heads: z.Heads, Intermediate: z.Intermediate},
		Context: max(1, s.settings.Context), Environments: []rl.Environment{s.settings.Environment},
	}.Defaults()
	if err := config.Validate(); err != nil {
		return nil, fmt.Errorf("%w: sizes: %w", ErrConfig, err)
	}
	raw, err := config.JSON()
	if err != nil {
		return nil, fmt.Errorf("policy: train: %w", err)
	}
	s.settings.Model, s.settings.ModelSeed = json.RawMessage(raw), c.Seed
	return s.settings.Random()
}

// tune freezes what the method leaves alone and lists what it stores.
func (s *start) tune(added []*nn.Param, c *Config) error {
	own := s.head.Params()
	if c.Method == adapter.Full || c.Method == adapter.Scratch {
		s.others = append(s.model.Params(), own...)
		return nil
	}
	for _, p := range s.model.Params() { // before changes are among them
		p.Frozen = !slices.Contains(added, p)
	}
	if c.Method == adapter.Head {
		s.others = slices.Concat(added, own)
		return nil
	}
	method := c.Config
	if method == (peft.Config{}) {
		method, _ = peft.Default(c.Method)
	}
	var err error
	if s.few, err = peft.Attach(s.model.Backbone(), method, c.Seed); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	s.others = slices.Concat(added, own)
	return nil
}

// stored is what the folder holds, and the settings of the method of package peft, if it is one.
func (s *start) stored() ([]*nn.Param, peft.Config) {
	if s.few == nil {
		return s.others, peft.Config{}
	}
	return slices.Concat(s.few.Stored(), s.others), s.few.Config
}
