package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"

	"github.com/fmkit/fmkit/adapters/document"
	rlmini "github.com/fmkit/fmkit/rl/mini"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/mini"
	minidistilled "github.com/fmkit/fmkit/text/mini-distilled"
	"github.com/fmkit/fmkit/vision"
	visionmini "github.com/fmkit/fmkit/vision/mini"
)

// baseUsage says what the flag --base takes.
const baseUsage = "text/mini, text/mini-distilled, vision/mini, a folder, or org/name[@revision] of the hub"

// A base is a model folder that was found.
type base struct {
	name string // what finds it again
	fsys fs.FS
	dir  string // empty where the folder is part of this program

	frozen bool        // what is loaded is frozen
	keep   bool        // and there is one model of texts for everyone who loads it
	kept   *text.Model // with keep, once it was loaded
}

// bundled lists the bases that are part of this program, by the names that find them.
var bundled = map[string]func() fs.FS{
	"mini": mini.FS, "text/mini": mini.FS,
	"mini-distilled": minidistilled.FS, "text/mini-distilled": minidistilled.FS,
	"vision/mini": visionmini.FS,
	"rl/mini":     rlmini.FS,
}

// findBase finds the model that a flag names: one of this program, a folder, or org/name or org/name@revision from the cache or the hub. A folder
// called like one of this program's is found as ./text/mini.
func findBase(ctx context.Context, c *console, name string) (*base, error) {
	if files, ok := bundled[name]; ok {
		return &base{name: name, fsys: files()}, nil
	}
	t := newTransfers(c)
	defer t.end()
	s, err := t.client().Resolve(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("base: %w", err)
	}
	return &base{name: s.Name, fsys: os.DirFS(s.Dir), dir: s.Dir}, nil
}

// vision says whether the base reads pictures; others read texts.
func (b *base) vision() bool { return vision.IsModel(b.fsys) }

// loadVision reads the model of a base that reads pictures. Its name leads to it again.
func (b *base) loadVision() (*vision.Model, error) {
	m, err := vision.LoadFS(b.fsys)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, b.name)
	}
	m.Name = b.name
	if b.frozen {
		m.Freeze()
	}
	return m, nil
}

// load reads the model of a base that reads texts. Its name leads to it again.
func (b *base) load() (*text.Model, error) {
	if b.kept != nil {
		return b.kept, nil
	}
	m, err := text.LoadFS(b.fsys)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, b.name)
	}
	m.Name = b.name
	if b.frozen {
		m.Freeze()
	}
	if b.keep {
		b.kept = m
	}
	return m, nil
}

// folder gives the base as a folder on disk, for programs that read one. done removes it where it was made for that.
func (b *base) folder() (dir string, done func(), err error) {
	if b.dir != "" {
		return b.dir, func() {}, nil
	}
	dir, err = os.MkdirTemp("", "fm-base-")
	if err != nil {
		return "", nil, fmt.Errorf("base: %w", err)
	}
	done = func() { os.RemoveAll(dir) }
	if err := os.CopyFS(dir, b.fsys); err != nil {
		done()
		return "", nil, fmt.Errorf("base: %w", err)
	}
	return dir, done, nil
}

// loadAdapter attaches the adapter folder dir to its base, which baseName replaces.
func loadAdapter(ctx context.Context, c *console, dir, baseName string) (task, loaded, error) {
	t, b, err := openAdapter(ctx, c, dir, baseName)
	if err != nil {
		return task{}, loaded{}, err
	}
	l, err := t.load(dir, b)
	return t, l, err
}

// readAdapter is loadAdapter for what only predicts: low-rank changes lie beside the weights of the base, as fm serve has them, so that answers are the same to the bit.
func readAdapter(ctx context.Context, c *console, dir, baseName string) (loaded, error) {
	p, err := adapter.ReadPassport(dir)
	if err != nil {
		return loaded{}, inputError{err}
	}
	t, b, err := openAdapter(ctx, c, dir, baseName)
	if err != nil {
		return loaded{}, err
	}
	b.frozen = p.Method == adapter.LoRA || p.Task == document.Task
	return t.load(dir, b)
}

// openAdapter finds the task of the adapter folder dir and its base: the one that the passport names, unless baseName is set.
func openAdapter(ctx context.Context, c *console, dir, baseName string) (task, *base, error) {
	p, err := adapter.ReadPassport(dir)
	if err != nil {
		return task{}, nil, inputError{err}
	}
	t, err := taskNamed(p.Task)
	if err != nil {
		return task{}, nil, err
	}
	if baseName == "" {
		baseName = p.Base.Name
	}
	b, err := findBase(ctx, c, baseName)
	return t, b, err
}
