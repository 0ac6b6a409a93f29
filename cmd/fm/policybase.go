package main

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/adapter"
)

// loadTrajectories reads the model of a base that reads trajectories; none is nil, and mini alone is rl/mini. Its name leads to it again.
func loadTrajectories(ctx context.Context, c *console, name string) (*rl.Model, error) {
	switch name {
	case policy.NoBase:
		return nil, nil
	case "mini":
		name = "rl/mini"
	}
	b, err := findBase(ctx, c, name)
	if err != nil {
		return nil, err
	}
	return b.loadTrajectories()
}

// loadTrajectories reads the model of a base that reads trajectories. Its name leads to it again.
func (b *base) loadTrajectories() (*rl.Model, error) {
	m, err := rl.LoadFS(b.fsys)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, b.name)
	}
	m.Name = b.name
	return m, nil
}

// isPolicy says whether the adapter folder dir holds a policy.
func isPolicy(dir string) bool {
	p, err := adapter.ReadPassport(dir)
	return err == nil && p.Task == policy.Task
}

// policyBase reads the base of the policy in dir, which baseName replaces; nil where it has none.
func policyBase(ctx context.Context, c *console, dir, baseName string) (*rl.Model, error) {
	p, err := adapter.ReadPassport(dir)
	if err != nil {
		return nil, inputError{err}
	}
	if p.Task != policy.Task {
		return nil, usagef("%s is an adapter for %s, want %s", dir, p.Task, policy.Task)
	}
	if baseName == "" {
		baseName = p.Base.Name
	}
	return loadTrajectories(ctx, c, baseName)
}

// openPolicy attaches the policy in dir to its base.
func openPolicy(ctx context.Context, c *console, dir, baseName string) (*policy.Policy, error) {
	base, err := policyBase(ctx, c, dir, baseName)
	if err != nil {
		return nil, err
	}
	return policy.Load(dir, base)
}
