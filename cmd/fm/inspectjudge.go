package main

import (
	"context"
	"fmt"
	"image"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/vision"
)

// A judge is an inspector of either kind as the verbs use it.
type judge interface {
	// Inspect judges a picture; template is nil for a judge that wants none.
	Inspect(m, template *image.NRGBA) (*inspector.Answer, error)
	// Paint paints the map of an answer over its picture.
	Paint(m *image.NRGBA, a *inspector.Answer) (*image.NRGBA, error)
}

// station is an inspector that has learnt from good pictures, as a judge.
type station struct{ *inspector.Station }

// Inspect implements judge.
func (s station) Inspect(m, template *image.NRGBA) (*inspector.Answer, error) {
	if template != nil {
		return nil, inputError{fmt.Errorf("got a template, want none: the adapter compares with no template")}
	}
	return s.Judge(m)
}

// openJudge attaches the inspector in dir to its base, which baseName replaces. templates says whether it compares with one.
func openJudge(ctx context.Context, c *console, dir, baseName string) (j judge, templates bool, err error) {
	base, p, err := visionOf(ctx, c, dir, baseName)
	if err != nil {
		return nil, false, err
	}
	if isDetector(p) {
		d, err := inspector.LoadDetector(dir, base)
		if err != nil {
			return nil, false, err
		}
		return d, d.Settings().Template != nil, nil
	}
	s, err := inspector.Open(dir, base)
	if err != nil {
		return nil, false, err
	}
	return station{s}, false, nil
}

// visionOf reads the base of the adapter folder dir: the one that the passport names, unless baseName is set.
func visionOf(ctx context.Context, c *console, dir, baseName string) (*vision.Model, *adapter.Passport, error) {
	p, err := adapter.ReadPassport(dir)
	if err != nil {
		return nil, nil, inputError{err}
	}
	if p.Task != inspector.Task {
		return nil, nil, usagef("%s is an adapter for %s, want %s", dir, p.Task, inspector.Task)
	}
	if baseName == "" {
		baseName = p.Base.Name
	}
	base, err := loadVision(ctx, c, baseName)
	return base, p, err
}
