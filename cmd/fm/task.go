package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/finetune"
)

// A task is something that adapters are made for.
type task struct {
	name  string
	short string

	// adapt trains an adapter as the flags say.
	adapt func(ctx context.Context, base *text.Model, f *adaptFlags, o finetune.Options) (*adapter.Passport, error)
	// load attaches an adapter folder to its base.
	load func(dir string, base *text.Model) (loaded, error)
	// score scores a file of predictions made elsewhere; nil where predictions have no file.
	score func(file, dataFile string) (adapter.Scores, error)
	// baseline scores a way that learns nothing, by its name; nil where there is none.
	baseline func(ctx context.Context, name, dataFile string, sentences int) (adapter.Scores, error)
	// verify trains an adapter again and compares digests.
	verify func(ctx context.Context, dir string, base *text.Model, o finetune.Options) (adapter.Verification, error)
}

// A loaded is an adapter that is ready to work.
type loaded struct {
	// eval scores it on a file.
	eval func(ctx context.Context, dataFile string, columns data.LabelledOptions) (adapter.Scores, error)
	// predict answers one JSON line.
	predict func(ctx context.Context, line []byte) (any, error)
}

// tasks are those that fm knows.
func tasks() []task { return []task{classifyTask(), qaTask(), summarizeTask()} }

// taskNamed finds a task.
func taskNamed(name string) (task, error) {
	var names []string
	for _, t := range tasks() {
		if t.name == name {
			return t, nil
		}
		names = append(names, t.name)
	}
	return task{}, usagef("unknown task %q, want one of: %s", name, strings.Join(names, ", "))
}

// loadBase reads the model that a flag names: a folder, or org/name or org/name@revision from the cache or the hub. The model's name leads to it again.
func loadBase(ctx context.Context, c *console, name string) (*text.Model, error) {
	t := newTransfers(c)
	s, err := t.client().Resolve(ctx, name)
	t.end()
	if err != nil {
		return nil, fmt.Errorf("base: %w", err)
	}
	m, err := text.Load(s.Dir)
	if err != nil {
		return nil, err
	}
	m.Name = s.Name
	return m, nil
}

// openAdapter attaches the adapter folder dir to its base: the one that its passport names, unless baseName is set.
func openAdapter(ctx context.Context, c *console, dir, baseName string) (task, *text.Model, error) {
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
	base, err := loadBase(ctx, c, baseName)
	return t, base, err
}
