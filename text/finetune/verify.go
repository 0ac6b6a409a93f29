package finetune

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/text"
)

// Verify trains the adapter in dir again, by again, and compares the digests. Before that the base and every data file must be
// those of the passport: adapter.ErrBaseMismatch, adapter.ErrDataChanged. A passport that says other than its recipe gives is adapter.ErrRecipe.
func Verify(dir, task string, base *text.Model, again func(p *adapter.Passport) (*adapter.Passport, error)) (adapter.Verification, error) {
	f, err := adapter.Open(dir)
	if err != nil {
		return adapter.Verification{}, err
	}
	defer f.Close()
	p := f.Passport
	if err := p.Attach(task, base.Fingerprint()); err != nil {
		return adapter.Verification{}, err
	}
	stored, err := f.Digest()
	if err != nil {
		return adapter.Verification{}, err
	}
	if stored != p.Digest {
		return adapter.Verification{}, fmt.Errorf("finetune: %w: got %s, want %s", adapter.ErrDigest, stored, p.Digest)
	}
	if len(p.Data) == 0 {
		return adapter.Verification{}, errors.New("finetune: the passport names no data")
	}
	for _, s := range p.Data {
		if err := s.Check(); err != nil {
			return adapter.Verification{}, err
		}
	}
	began := time.Now()
	got, err := again(p)
	if err != nil {
		return adapter.Verification{}, err
	}
	if err := agree(p, got); err != nil {
		return adapter.Verification{}, err
	}
	return adapter.Verification{
		Want: p.Digest, Got: got.Digest, Match: got.Digest == p.Digest, Steps: got.Steps, Seconds: time.Since(began).Seconds(),
	}, nil
}

// agree compares what a passport says besides the digest with what its recipe gives.
func agree(p, again *adapter.Passport) error {
	for _, f := range []struct {
		name      string
		got, want any
	}{
		{"method", p.Method, again.Method},
		{"dtype", cmp.Or(p.DType, checkpoint.F32.String()), again.DType},
		{"seed", p.Seed, again.Seed},
		{"steps", p.Steps, again.Steps},
		{"labels", fmt.Sprintf("%q", p.Labels), fmt.Sprintf("%q", again.Labels)},
	} {
		if f.got != f.want {
			return fmt.Errorf("finetune: %w: %s of the passport: got %v, the recipe gives %v", adapter.ErrRecipe, f.name, f.got, f.want)
		}
	}
	return nil
}

// Paths gives the files that a passport's training and evaluation data came from, "" for none.
func Paths(p *adapter.Passport) (train, eval string) {
	for _, s := range p.Data {
		switch s.Role {
		case "train":
			train = s.Path
		case "eval":
			eval = s.Path
		}
	}
	return train, eval
}

// Again makes the options of a training whose weights only are wanted.
func Again(o Options) Options {
	return Options{Log: o.Log, Terminal: o.Terminal, NoScore: true}
}
