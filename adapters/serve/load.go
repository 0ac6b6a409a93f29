package serve

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/fmkit/fmkit/adapters/assistant"
	"github.com/fmkit/fmkit/shared/adapter"
)

// Load serves the adapter folder dir under a name. An adapter of that name is replaced: requests that have begun are answered by the old one, later ones by the
// new one. Where the folder is refused, everything stays as it was.
func (s *Server) Load(ctx context.Context, name, dir string) (Model, error) {
	m, err := adapter.In(dir, func(fsys fs.FS) (*Model, error) {
		m, _, err := s.load(ctx, name, fsys)
		return &m, err
	})
	if err != nil {
		return Model{}, err
	}
	return *m, nil
}

// LoadFS is Load from the root of fsys, whose files must be able to read at an offset.
func (s *Server) LoadFS(ctx context.Context, name string, fsys fs.FS) (Model, error) {
	m, _, err := s.load(ctx, name, fsys)
	return m, err
}

// load is LoadFS that says whether an adapter was replaced.
func (s *Server) load(ctx context.Context, name string, fsys fs.FS) (_ Model, replaced bool, err error) {
	if !adapterName.MatchString(name) {
		return Model{}, false, fmt.Errorf("%w: got %.100q, want %s", ErrName, name, adapterName)
	}
	s.loading.Lock()
	defer s.loading.Unlock()
	old := s.catalog.Load().models[name]
	switch {
	case old != nil && old.Task == "base":
		return Model{}, false, fmt.Errorf("%w: %q is a base", ErrName, name)
	case old == nil && s.adapters() >= s.config.Adapters:
		return Model{}, false, fmt.Errorf("%w: want at most %d", ErrLimit, s.config.Adapters)
	}
	m, err := s.make(ctx, name, fsys)
	if err != nil {
		return Model{}, false, err
	}
	m.Loaded = time.Now().Unix()
	if m.Digest == "" { // a task must say what it has loaded
		return Model{}, false, fmt.Errorf("%w: task %s gave no digest", ErrRefused, m.Task)
	}
	s.change(func(c *catalog) { c.models[name] = m })
	s.logf("serve: adapter %s: %s on %s, %s", name, m.Task, m.Base, m.Digest)
	return m.Model, old != nil, nil
}

// make makes a model of the folder at the root of fsys: of an adapter, or of an assistant, which is several. Callers hold s.loading.
func (s *Server) make(ctx context.Context, name string, fsys fs.FS) (*model, error) {
	if assistant.IsAssistant(fsys) {
		return s.loadAssist(ctx, name, fsys)
	}
	f, err := adapter.OpenFS(fsys)
	if err != nil {
		return nil, err
	}
	p := f.Passport
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	t, err := taskNamed(p.Task)
	if err != nil {
		return nil, err
	}
	var b Base
	if !baseless(p) {
		if b, err = s.baseOf(ctx, p); err != nil {
			return nil, err
		}
	}
	m := &model{Model: Model{Name: name, Task: p.Task, Base: p.Base.Fingerprint}, base: b, tasks: map[string]ask{}}
	if err := t.load(m, fsys, p); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return m, nil
}

// Unload stops serving an adapter. Requests that have begun are answered by it.
func (s *Server) Unload(name string) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	if m := s.catalog.Load().models[name]; m == nil || m.Task == "base" {
		return fmt.Errorf("%w: adapter %.100q", ErrNotLoaded, name)
	}
	s.change(func(c *catalog) { delete(c.models, name) })
	s.logf("serve: adapter %s: unloaded", name)
	return nil
}

// Models lists what is loaded, by name.
func (s *Server) Models() []Model {
	all := []Model{}
	for _, m := range s.catalog.Load().models {
		all = append(all, m.Model)
	}
	slices.SortFunc(all, func(a, b Model) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// adapters counts those that are loaded.
func (s *Server) adapters() int {
	n := 0
	for _, m := range s.catalog.Load().models {
		if m.Task != "base" {
			n++
		}
	}
	return n
}
