package text

import (
	"fmt"
	"io/fs"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// Attach loads the adapter folder at the root of fsys onto base, which stays as it is. settings, a pointer, receives the task's settings;
// then head makes the task's own parameters, which are filled. The model returned is base where the adapter keeps it, else a copy with the
// adapter's weights. It refuses what adapter.OpenFS, Passport.Attach and Folder.Fill refuse.
func Attach(fsys fs.FS, task string, base *Model, settings any, head func(p *adapter.Passport) ([]*nn.Param, error)) (*Model, *adapter.Passport, error) {
	f, err := adapter.OpenFS(fsys)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	p := f.Passport
	if err := p.Attach(task, base.Fingerprint()); err != nil {
		return nil, nil, err
	}
	if err := strictjson.Decode(p.Settings, settings, strictjson.Limits{}); err != nil {
		return nil, nil, fmt.Errorf("text: %w: settings: %w", adapter.ErrPassport, err)
	}
	own, err := head(p)
	if err != nil {
		return nil, nil, err
	}
	switch p.Method {
	case adapter.Head:
		return base, p, f.Fill(own)
	case adapter.Full, adapter.Scratch:
		m, err := base.Clone()
		if err != nil {
			return nil, nil, err
		}
		return m, p, f.Fill(append(m.Params(), own...))
	}
	return nil, nil, fmt.Errorf("text: %w: method %q", adapter.ErrPassport, p.Method)
}
