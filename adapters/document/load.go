package document

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/text"
)

// Load reads the folder dir onto the base of its parts. It returns adapter.ErrBaseMismatch for another base, adapter.ErrTask for another task's adapter, ErrSettings, and an error that
// wraps adapter's ErrPassport, ErrTensors or ErrDigest, or one of checkpoint's, for a damaged one.
//
// On a frozen base parts with low-rank changes compute them beside its weights, as package serve does. Else they are merged, and the parts answer as they do by themselves, to the bit;
// the parts that leave the base alone then share a copy.
func Load(dir string, base *text.Model) (*Analyzer, error) {
	return adapter.In(dir, func(fsys fs.FS) (*Analyzer, error) { return LoadFS(fsys, base) })
}

// LoadFS is Load from the root of fsys, whose files must be able to read at an offset.
func LoadFS(fsys fs.FS, base *text.Model) (*Analyzer, error) {
	p, about, err := open(fsys)
	if err != nil {
		return nil, err
	}
	if err := p.Attach(Task, base.Fingerprint()); err != nil {
		return nil, err
	}
	folders := map[string]fs.FS{}
	for name, want := range about.Parts {
		if folders[name], err = openPart(fsys, name, want); err != nil {
			return nil, err
		}
	}
	parts, err := attach(folders, base)
	if err != nil {
		return nil, err
	}
	a, err := New(parts, about.Settings)
	if err != nil {
		return nil, err
	}
	a.passport = p
	return a, nil
}

// attach loads the parts from their folders.
func attach(folders map[string]fs.FS, base *text.Model) (p Parts, err error) {
	shared := base // by parts that don't merge anything into it
	if !base.Frozen() {
		if shared, err = base.Clone(); err != nil {
			return Parts{}, fmt.Errorf("document: %w", err)
		}
		shared.Freeze()
	}
	for _, name := range slices.Sorted(maps.Keys(folders)) {
		f, err := adapter.OpenFS(folders[name])
		if err != nil {
			return Parts{}, fmt.Errorf("document: %s: %w", name, err)
		}
		m := shared
		if f.Passport.Method == adapter.LoRA {
			m = base
		}
		switch name {
		case partType:
			p.Type, err = classifier.LoadFS(folders[name], m)
		case partEntities:
			p.Entities, err = tagger.LoadFS(folders[name], m)
		case partSummary:
			p.Summary, err = summarizer.LoadFS(folders[name], m)
		case partAnswers:
			p.Answers, err = qa.LoadFS(folders[name], m)
		default:
			err = fmt.Errorf("%w: there is no such part", ErrSettings)
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return Parts{}, fmt.Errorf("document: %s: %w", name, err)
		}
	}
	return p, nil
}

// open reads passport and settings.
func open(fsys fs.FS) (*adapter.Passport, *stored, error) {
	f, err := adapter.OpenFS(fsys)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	p := f.Passport
	if p.Task != Task {
		return nil, nil, fmt.Errorf("adapter: %w: got %q, want %q", adapter.ErrTask, p.Task, Task)
	}
	if p.Method != Method {
		return nil, nil, fmt.Errorf("document: %w: method: got %q, want %q", adapter.ErrPassport, p.Method, Method)
	}
	raw, err := checkpoint.ReadRegular(fsys, settingsFile, mostSettings)
	if err != nil {
		return nil, nil, fmt.Errorf("document: %w: %w", adapter.ErrPassport, err)
	}
	if got := sum(raw); got != p.Digest {
		return nil, nil, fmt.Errorf("document: %s: %w: got %s, want %s", settingsFile, adapter.ErrDigest, got, p.Digest)
	}
	var about stored
	if err := strictjson.Decode(raw, &about, strictjson.Limits{Bytes: mostSettings}); err != nil {
		return nil, nil, fmt.Errorf("document: %w: %s: %w", adapter.ErrPassport, settingsFile, err)
	}
	return p, &about, nil
}

// openPart holds a part's folder to what document.json says of it; its weights are held to the passport when they are read.
func openPart(fsys fs.FS, name string, want part) (fs.FS, error) {
	fail := func(err error) (fs.FS, error) { return nil, fmt.Errorf("document: %s: %w", name, err) }
	i := slices.IndexFunc(partTasks, func(t struct{ name, task string }) bool { return t.name == name })
	if i < 0 {
		return fail(fmt.Errorf("%w: there is no such part", adapter.ErrPassport))
	}
	sub, err := fs.Sub(fsys, path.Join(partsFolder, name))
	if err != nil {
		return fail(err)
	}
	raw, err := checkpoint.ReadRegular(sub, passportFile, mostSettings)
	if err != nil {
		return fail(fmt.Errorf("%w: %w", adapter.ErrPassport, err))
	}
	if got := sum(raw); got != want.Passport {
		return fail(fmt.Errorf("%s: %w: got %s, want %s", passportFile, adapter.ErrDigest, got, want.Passport))
	}
	p, err := adapter.ParsePassport(raw)
	if err != nil {
		return fail(err)
	}
	if p.Task != partTasks[i].task || want.Task != p.Task {
		return fail(fmt.Errorf("%w: got %q, want %q", adapter.ErrTask, p.Task, partTasks[i].task))
	}
	if p.Digest != want.Digest {
		return fail(fmt.Errorf("%w: got %s, want %s", adapter.ErrDigest, p.Digest, want.Digest))
	}
	return sub, nil
}
