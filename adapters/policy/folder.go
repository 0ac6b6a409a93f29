package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// Task is what a policy's passport says.
const Task = "policy"

// NoBase is the name of a base of random weights, which the settings describe.
const NoBase = "none"

// ErrNoBase means that a policy was trained on a model, which has to be given.
var ErrNoBase = errors.New("policy: the policy needs its base")

// Know gives a copy of base that knows an environment as it is described. What is new in it are parameters with initial values by seed, which are
// returned too: none where base has the environment, whose description may differ in scales only.
func Know(base *rl.Model, e rl.Environment, seed uint64) (m *rl.Model, added []*nn.Param, err error) {
	i, err := base.Environment(e.ID)
	if err != nil {
		if m, err = base.With(e, seed); err != nil {
			return nil, nil, fmt.Errorf("policy: %w", err)
		}
		return m, m.Params()[len(base.Params()):], nil
	}
	b := &base.Config.Environments[i]
	if !slices.Equal(b.Observation, e.Observation) || b.Patch != e.Patch || b.Actions != e.Actions || b.Start != e.Start || !slices.Equal(b.Low, e.Low) || !slices.Equal(b.High, e.High) {
		return nil, nil, fmt.Errorf("policy: %w: environment: got other observations or actions of %s than the base has", ErrSettings, e.ID)
	}
	if m, err = base.Clone(); err != nil {
		return nil, nil, fmt.Errorf("policy: %w", err)
	}
	about := &m.Config.Environments[i]
	about.Mean, about.Std, about.ReturnScale = e.Mean, e.Std, e.ReturnScale
	return m, nil, nil
}

// maxRandom bounds the weights of a base that is made of settings, as those of a stranger may ask for any.
const maxRandom = 1 << 26

// Random makes the base of random weights that settings describe.
func (s *Settings) Random() (*rl.Model, error) {
	c, err := rl.ParseConfig(s.Model)
	if err != nil {
		return nil, fmt.Errorf("policy: %w: model: %w", ErrSettings, err)
	}
	if n := float64(c.Layers)*float64(c.Hidden)*float64(4*c.Hidden+2*c.Intermediate) + float64(c.Hidden)*float64(c.Context); n > maxRandom {
		return nil, fmt.Errorf("policy: %w: model: got %g weights, want at most %d", ErrSettings, n, maxRandom)
	}
	m, err := rl.New(c, s.ModelSeed)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	m.Name = NoBase
	return m, nil
}

// Save makes or replaces the adapter folder dir with params, those that Load fills by the method. The caller gives what settings don't tell: Method, LoRA, Base, Data,
// Recipe, Seed, Steps, Metrics. extra files lie beside it. With an empty dir nothing is written.
func Save(dir string, about adapter.Passport, s Settings, params []*nn.Param, extra map[string][]byte) (*adapter.Passport, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("policy: save: %w", err)
	}
	about.Task, about.Settings = Task, raw
	p, err := adapter.Save(dir, about, "REINFORCEMENT_LEARNING", params, extra)
	if err != nil {
		return nil, fmt.Errorf("policy: save: %w", err)
	}
	return p, nil
}

// Load attaches the adapter folder dir to base, which stays as it is; nil is for a policy without one. It returns what adapter.OpenFS, Passport.Attach and Folder.Fill
// return for another base, another task's adapter or a damaged one.
func Load(dir string, base *rl.Model) (*Policy, error) {
	return adapter.In(dir, func(fsys fs.FS) (*Policy, error) { return LoadFS(fsys, base) })
}

// LoadFS is Load from the root of fsys, whose files must be able to read at an offset.
func LoadFS(fsys fs.FS, base *rl.Model) (*Policy, error) {
	f, err := adapter.OpenFS(fsys)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p := f.Passport
	if p.Task != Task {
		return nil, fmt.Errorf("adapter: %w: got %q, want %q", adapter.ErrTask, p.Task, Task)
	}
	var s Settings
	if err := strictjson.Decode(p.Settings, &s, strictjson.Limits{Bytes: 8 << 20}); err != nil {
		return nil, fmt.Errorf("policy: %w: settings: %w", adapter.ErrPassport, err)
	}
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", adapter.ErrPassport, err)
	}
	if base == nil {
		if s.Model == nil {
			return nil, fmt.Errorf("%w: %s", ErrNoBase, p.Base.Name)
		}
		if base, err = s.Random(); err != nil {
			return nil, fmt.Errorf("%w: %w", adapter.ErrPassport, err)
		}
	}
	if err := p.Attach(Task, base.Fingerprint()); err != nil {
		return nil, err
	}
	m, added, err := Know(base, s.Environment, p.Seed)
	if err != nil {
		return nil, err
	}
	h := NewHead(Actions{&s.Environment}, m.Width(), p.Seed)
	if err := fill(f, m, added, h); err != nil {
		return nil, err
	}
	policy, err := New(m, h, s)
	if err != nil {
		return nil, err
	}
	policy.passport = p
	return policy, nil
}

// fill reads what the passport's method stores.
func fill(f *adapter.Folder, m *rl.Model, added []*nn.Param, h *Head) error {
	switch p := f.Passport; p.Method {
	case adapter.Head:
		return f.Fill(slices.Concat(added, h.Params()))
	case adapter.Full, adapter.Scratch:
		return f.Fill(slices.Concat(m.Params(), h.Params()))
	default: // one of package peft, or Attach refuses it
		change, err := peft.Attach(m.Backbone(), p.Config, p.Seed)
		if err != nil {
			return fmt.Errorf("policy: %w: method %q: %w", adapter.ErrPassport, p.Method, err)
		}
		if err := change.Fill(func(stored []*nn.Param) error { return f.Fill(slices.Concat(stored, added, h.Params())) }); err != nil {
			return err
		}
		peft.Merge(m.Backbone())
		return nil
	}
}
