package main

import (
	"context"

	"github.com/fmkit/fmkit/adapters/inspector"
	inspecttrain "github.com/fmkit/fmkit/adapters/inspector/train"
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

// verifyInspector fits or trains an inspector again and compares digests.
func verifyInspector(ctx context.Context, c *console, dir, baseName string) (adapter.Verification, error) {
	base, p, err := visionOf(ctx, c, dir, baseName)
	if err != nil {
		return adapter.Verification{}, err
	}
	if isDetector(p) {
		return inspecttrain.Verify(ctx, dir, base, inspecttrain.Options{Log: c.log, Terminal: c.terminal()})
	}
	return inspector.Verify(ctx, dir, base)
}
