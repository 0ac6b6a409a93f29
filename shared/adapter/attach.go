package adapter

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// A Model is a base, M itself, that adapters attach to.
type Model[M any] interface {
	// Fingerprint identifies the model as it is now.
	Fingerprint() string
	// Clone returns a model with weights of its own.
	Clone() (M, error)
	// Params returns the parameters, always in the same order.
	Params() []*nn.Param
	// Backbone returns the model's encoder.
	Backbone() *backbone.Encoder
	// Freeze promises that the model won't change any more, and Frozen says that it was called.
	Freeze()
	Frozen() bool
	// Share returns a model that reads the weights of a frozen one and has a place for changes of its own.
	Share() M
}

// Attach loads the adapter folder at the root of fsys onto base, which stays as it is. settings, a pointer, receives the task's settings;
// then head makes the task's own parameters, which are filled. The model returned is base where the adapter keeps it, else a copy with the
// adapter's weights. Low-rank changes are merged into the copy, unless base is frozen: then they lie beside its weights, which are shared, and round
// differently. What is attached to a frozen base is frozen too. It refuses what OpenFS, Passport.Attach and Folder.Fill refuse.
func Attach[M Model[M]](fsys fs.FS, task string, base M, settings any, head func(p *Passport) ([]*nn.Param, error)) (m M, p *Passport, err error) {
	f, err := OpenFS(fsys)
	if err != nil {
		return m, nil, err
	}
	defer f.Close()
	p = f.Passport
	if err := p.Attach(task, base.Fingerprint()); err != nil {
		return m, nil, err
	}
	if err := strictjson.Decode(p.Settings, settings, strictjson.Limits{}); err != nil {
		return m, nil, fmt.Errorf("adapter: %w: settings: %w", ErrPassport, err)
	}
	own, err := head(p)
	if err != nil {
		return m, nil, err
	}
	switch p.Method {
	case Head:
		return base, p, f.Fill(own)
	case Full, Scratch:
		if m, err = base.Clone(); err != nil {
			return m, nil, err
		}
		if err := f.Fill(append(m.Params(), own...)); err != nil {
			return m, nil, err
		}
	default:
		if !tunesFew(p.Method) {
			return m, nil, fmt.Errorf("adapter: %w: method %q", ErrPassport, p.Method)
		}
		beside := base.Frozen() && p.Method == LoRA
		if beside {
			m = base.Share()
		} else if m, err = base.Clone(); err != nil {
			return m, nil, err
		}
		change, err := peft.Attach(m.Backbone(), p.Config, p.Seed)
		if err != nil {
			return m, nil, fmt.Errorf("adapter: %w: %s: %w", ErrPassport, p.Method, err)
		}
		if err := change.Fill(func(stored []*nn.Param) error { return f.Fill(append(slices.Clone(stored), own...)) }); err != nil {
			return m, nil, err
		}
		if !beside {
			peft.Merge(m.Backbone())
		}
	}
	if base.Frozen() {
		m.Freeze()
	}
	return m, p, nil
}
