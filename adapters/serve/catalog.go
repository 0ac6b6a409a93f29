package serve

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"time"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text"
)

// Errors of loading that a caller may branch on, besides those of package adapter.
var (
	ErrName      = errors.New("serve: name is not allowed")
	ErrLimit     = errors.New("serve: too many adapters are loaded")
	ErrNotLoaded = errors.New("serve: not loaded")
	ErrRefused   = errors.New("serve: can't be served")
)

// adapterName is what an adapter may be called: it stands in addresses and labels.
var adapterName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// A catalog is what is loaded at one moment. It doesn't change: a request works with the one that it found, so that it is answered wholly by the adapter that bore
// its name then, whatever is loaded, replaced or unloaded meanwhile.
type catalog struct {
	models   map[string]*model // bases and adapters
	pictures bool              // a base reads pictures
}

// A model is a base or an adapter on one, ready to answer. It doesn't change.
type model struct {
	Model
	base  Base
	tasks map[string]ask // what it can do

	embedder *text.Embedder // nil: it makes no vectors of texts
}

// A Model describes what is loaded under a name.
type Model struct {
	Name   string `json:"id"`
	Task   string `json:"task"`   // of an adapter; of a base "base"
	Base   string `json:"base"`   // the base's fingerprint
	Digest string `json:"digest"` // of an adapter's weights; of a base empty
	Loaded int64  `json:"created"`
}

// An ask answers one request, whose body is raw. It hands what it wants computed to b.
type ask func(ctx context.Context, b *batcher, raw []byte) (any, error)

// change replaces the catalog by what edit makes of a copy. Callers hold s.loading.
func (s *Server) change(edit func(*catalog)) {
	old := s.catalog.Load()
	c := &catalog{models: maps.Clone(old.models), pictures: old.pictures}
	edit(c)
	s.catalog.Store(c)
}

// AddBase freezes a base and serves it under a name, such as text/mini, for embeddings and for adapters that are loaded later. A name that is taken is refused.
func (s *Server) AddBase(name string, b Base) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	return s.addBase(name, b)
}

func (s *Server) addBase(name string, b Base) error {
	fingerprint, ok := b.fingerprint()
	if name == "" || !ok {
		return fmt.Errorf("%w: base %q: want a name, and a model of texts, one of pictures or one of trajectories", ErrRefused, name)
	}
	if s.catalog.Load().models[name] != nil {
		return fmt.Errorf("%w: base %q: the name is taken", ErrName, name)
	}
	m := &model{Model: Model{Name: name, Task: "base", Base: fingerprint, Loaded: time.Now().Unix()}, base: b, tasks: map[string]ask{}}
	if err := m.addEmbed(b); err != nil {
		return fmt.Errorf("%w: base %q: %w", ErrRefused, name, err)
	}
	s.change(func(c *catalog) {
		c.models[name] = m
		c.pictures = c.pictures || b.Vision != nil
	})
	s.logf("serve: base %s: %s", name, fingerprint)
	return nil
}

// baseOf finds the base of a passport among those that are loaded, or has it opened. Callers hold s.loading.
func (s *Server) baseOf(ctx context.Context, p *adapter.Passport) (Base, error) {
	find := func() (Base, bool) {
		for _, m := range s.catalog.Load().models {
			if m.Task == "base" && m.Base == p.Base.Fingerprint {
				return m.base, true
			}
		}
		return Base{}, false
	}
	if b, ok := find(); ok {
		return b, nil
	}
	if s.config.Open == nil || s.catalog.Load().models[p.Base.Name] != nil {
		return Base{}, fmt.Errorf("serve: %w: %s (made on %q) is not loaded", adapter.ErrBaseMismatch, p.Base.Fingerprint, p.Base.Name)
	}
	b, err := s.config.Open(ctx, p.Base.Name)
	if err != nil {
		return Base{}, err
	}
	if err := s.addBase(p.Base.Name, b); err != nil {
		return Base{}, err
	}
	if b, ok := find(); ok {
		return b, nil
	}
	return Base{}, fmt.Errorf("serve: %w: %q is another base than %s now", adapter.ErrBaseMismatch, p.Base.Name, p.Base.Fingerprint)
}
