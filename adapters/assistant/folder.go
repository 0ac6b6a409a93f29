package assistant

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/search"
	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/text"
)

// A Bases finds the base of a part. What it gives is frozen.
type Bases func(ctx context.Context, b adapter.Base) (*text.Model, error)

// On is the Bases of parts that all lie on one base.
func On(base *text.Model) Bases {
	return func(context.Context, adapter.Base) (*text.Model, error) { return base, nil }
}

// Load attaches the parts in the folder dir to their bases, each of which is asked for once and frozen. Errors wrap adapter's ErrPassport, ErrTask, ErrDigest, ErrTensors or
// ErrBaseMismatch, one of checkpoint's, or ErrSettings, for a folder that is damaged or lies on other bases than it was made on.
func Load(ctx context.Context, dir string, bases Bases) (*Assistant, error) {
	return adapter.In(dir, func(fsys fs.FS) (*Assistant, error) { return LoadFS(ctx, fsys, bases) })
}

// LoadFS is Load from the root of fsys, whose files must be able to read at an offset, as embedded ones are.
func LoadFS(ctx context.Context, fsys fs.FS, bases Bases) (*Assistant, error) {
	p, err := ReadPassport(fsys)
	if err != nil {
		return nil, err
	}
	open := map[string]*text.Model{}
	var parts Parts
	for _, part := range p.Parts {
		b := open[part.Base.Fingerprint]
		if b == nil {
			if b, err = bases(ctx, part.Base); err != nil {
				return nil, err
			}
			b.Freeze()
			open[part.Base.Fingerprint] = b
		}
		if err := parts.load(fsys, part, b); err != nil {
			return nil, fmt.Errorf("assistant: %s: %w", part.Name, err)
		}
	}
	a, err := New(parts, p.Settings)
	if err != nil {
		return nil, err
	}
	a.passport = p
	return a, nil
}

// load attaches one part, which must be the one that the passport speaks of.
func (p *Parts) load(fsys fs.FS, part Part, base *text.Model) (err error) {
	raw, err := readSmall(fsys, path.Join(part.Name, "fmkit.json"))
	if err != nil {
		return fmt.Errorf("%w: %w", adapter.ErrPassport, err)
	}
	if got := sumOf(raw); got != part.SHA256 {
		return fmt.Errorf("fmkit.json: %w: got %s, want %s", adapter.ErrDigest, got, part.SHA256)
	}
	in := below{fsys, part.Name}
	var got *adapter.Passport
	switch part.Name {
	case Intents:
		if p.Intents, err = classifier.LoadFS(in, base); err == nil {
			got = p.Intents.Passport()
		}
	case Slots:
		if p.Slots, err = tagger.LoadFS(in, base); err == nil {
			got = p.Slots.Passport()
		}
	case Knowledge:
		if p.Knowledge, err = search.LoadFS(in, base); err == nil {
			got = p.Knowledge.Passport()
		}
	case Points:
		if p.Points, err = qa.LoadFS(in, base); err == nil {
			got = p.Points.Passport()
		}
	}
	if err == nil && got.Digest != part.Digest {
		err = fmt.Errorf("%w: got %s, want %s", adapter.ErrDigest, got.Digest, part.Digest)
	}
	return err
}

// below is a folder of a file system. It asks what a file is before it is opened, which fs.Sub does not.
type below struct {
	fsys fs.FS
	dir  string
}

func (b below) Open(name string) (fs.File, error) { return b.fsys.Open(path.Join(b.dir, name)) }

func (b below) Stat(name string) (fs.FileInfo, error) { return fs.Stat(b.fsys, path.Join(b.dir, name)) }

// Save makes or replaces the folder dir of an assistant whose parts, by name, are adapter folders at the roots of file systems. Of p what the parts say is filled in. Every file
// appears or none does. With an empty dir nothing is written.
func Save(dir string, parts map[string]fs.FS, p Passport) (*Passport, error) {
	p.Format, p.Task, p.Parts = format, Task, nil
	for _, n := range partNames {
		from := parts[n.name]
		if from == nil {
			continue
		}
		raw, err := readSmall(from, "fmkit.json")
		if err != nil {
			return nil, fmt.Errorf("assistant: save: %s: %w", n.name, err)
		}
		pass, err := adapter.ParsePassport(raw)
		if err != nil {
			return nil, fmt.Errorf("assistant: save: %s: %w", n.name, err)
		}
		if pass.Task != n.task {
			return nil, fmt.Errorf("assistant: save: %s: %w: got %q, want %q", n.name, adapter.ErrTask, pass.Task, n.task)
		}
		p.Parts = append(p.Parts, Part{Name: n.name, Task: n.task, Base: pass.Base, Digest: pass.Digest, SHA256: sumOf(raw)})
	}
	if err := p.Seal(); err != nil {
		return nil, err
	}
	if dir == "" {
		return &p, nil
	}
	err := checkpoint.Save(dir, func(d *checkpoint.Dir) error {
		for _, part := range p.Parts {
			if err := copyPart(d, part.Name, parts[part.Name]); err != nil {
				return err
			}
		}
		return writeJSON(d, &p)
	})
	if err != nil {
		return nil, fmt.Errorf("assistant: %w", err)
	}
	return &p, nil
}

// copyPart copies the files of an adapter folder that prediction needs.
func copyPart(d *checkpoint.Dir, name string, from fs.FS) error {
	for _, file := range []string{"fmkit.json", "adapter_config.json", "adapter_model.safetensors", "passages.jsonl"} {
		f, err := from.Open(file)
		if errors.Is(err, fs.ErrNotExist) && file == "passages.jsonl" && name != Knowledge {
			continue
		}
		if err != nil {
			return err
		}
		w, err := d.Create(path.Join(name, file))
		if err == nil {
			_, err = io.Copy(w, f)
			err = errors.Join(err, w.Close())
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}
