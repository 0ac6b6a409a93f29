package main

import (
	"context"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/vision"
)

// loadVision reads the vision model that a flag names; mini alone is vision/mini.
func loadVision(ctx context.Context, c *console, name string) (*vision.Model, error) {
	if name == "mini" {
		name = "vision/mini"
	}
	b, err := findBase(ctx, c, name)
	if err != nil {
		return nil, err
	}
	return b.loadVision()
}

// isInspector says whether the adapter folder dir holds an inspector.
func isInspector(dir string) bool {
	p, err := adapter.ReadPassport(dir)
	return err == nil && p.Task == inspector.Task
}

// visionOf reads the base of the adapter folder dir: the one that the passport names, unless baseName is set.
func visionOf(ctx context.Context, c *console, dir, baseName string) (*vision.Model, error) {
	p, err := adapter.ReadPassport(dir)
	if err != nil {
		return nil, inputError{err}
	}
	if p.Task != inspector.Task {
		return nil, usagef("%s is an adapter for %s, want %s", dir, p.Task, inspector.Task)
	}
	if baseName == "" {
		baseName = p.Base.Name
	}
	return loadVision(ctx, c, baseName)
}

// openStation attaches the inspector in dir to its base, which baseName replaces.
func openStation(ctx context.Context, c *console, dir, baseName string) (*inspector.Station, error) {
	base, err := visionOf(ctx, c, dir, baseName)
	if err != nil {
		return nil, err
	}
	return inspector.Open(dir, base)
}

// verifyInspector fits an inspector again and compares digests.
func verifyInspector(ctx context.Context, c *console, dir, baseName string) (adapter.Verification, error) {
	base, err := visionOf(ctx, c, dir, baseName)
	if err != nil {
		return adapter.Verification{}, err
	}
	return inspector.Verify(ctx, dir, base)
}
