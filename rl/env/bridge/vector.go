package bridge

import (
	"context"
	"errors"
	"sync"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/vector"
)

// A Vector is several children that step at the same time. Every one has the episodes that it has alone.
type Vector struct {
	*vector.Async
	children []*Env
}

// NewVector starts n children. They live until Close, or until ctx ends.
func NewVector(ctx context.Context, c Config, n int, mode vector.Autoreset) (*Vector, error) {
	v := &Vector{}
	var mu sync.Mutex
	constructor := func() (env.Env, error) {
		e, err := New(ctx, c)
		if err != nil {
			return nil, err
		}
		mu.Lock()
		defer mu.Unlock()
		v.children = append(v.children, e)
		return env.Check(e), nil
	}
	var err error
	if v.Async, err = vector.NewAsync(constructor, n, mode); err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return v, nil
}

// Close ends all children.
func (v *Vector) Close() error {
	errs := make([]error, len(v.children))
	var all sync.WaitGroup
	for i, e := range v.children {
		all.Go(func() { errs[i] = e.Close() })
	}
	all.Wait()
	return errors.Join(errs...)
}

var _ vector.Env = (*Vector)(nil)
