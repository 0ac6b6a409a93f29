package finetune

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fmkit/fmkit/shared/adapter"
)

// Verify trains the adapter in dir again from its passport and compares the digests; of o only Log, Terminal and, for an adapter that was not scored, NoScore count. Before that the base and every
// data file must be those of the passport: adapter.ErrBaseMismatch, adapter.ErrDataChanged. A passport that says other than its recipe gives,
// scores and thresholds included, is adapter.ErrRecipe.
func (t Task[M, C, E, P]) Verify(ctx context.Context, dir string, base M, o Options) (adapter.Verification, error) {
	p, err := t.record(dir, base)
	if err != nil {
		return adapter.Verification{}, err
	}
	began := time.Now()
	c, err := t.Recorded(p.Recipe)
	if err != nil {
		return adapter.Verification{}, err
	}
	trainPath, evalPath := paths(p)
	d, err := t.ReadData(trainPath, evalPath, c)
	if err != nil {
		return adapter.Verification{}, err
	}
	if d.Sources, err = t.Describe(ctx, &d); err != nil {
		return adapter.Verification{}, err
	}
	for _, was := range p.Data {
		now := slices.IndexFunc(d.Sources, func(s adapter.Source) bool { return s.Role == was.Role })
		if now < 0 {
			return adapter.Verification{}, fmt.Errorf("finetune: %w: data: got the role %q, want train or eval", adapter.ErrPassport, was.Role)
		}
		if err := was.Compare(d.Sources[now]); err != nil {
			return adapter.Verification{}, err
		}
	}
	got, _, err := t.Train(ctx, base, d, c, Options{Log: o.Log, Terminal: o.Terminal, NoScore: o.NoScore})
	if err != nil {
		return adapter.Verification{}, err
	}
	if err := p.Agree(got); err != nil {
		return adapter.Verification{}, err
	}
	return adapter.Verification{
		Want: p.Digest, Got: got.Digest, Match: got.Digest == p.Digest, Steps: got.Steps, Seconds: time.Since(began).Seconds(),
	}, nil
}

// record reads the passport of the folder dir and checks that task, base, weights and data are those it speaks of.
func (t Task[M, C, E, P]) record(dir string, base M) (*adapter.Passport, error) {
	f, err := adapter.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p := f.Passport
	if err := p.Attach(t.Name, base.Fingerprint()); err != nil {
		return nil, err
	}
	stored, err := f.Digest()
	if err != nil {
		return nil, err
	}
	if stored != p.Digest {
		return nil, fmt.Errorf("finetune: %w: got %s, want %s", adapter.ErrDigest, stored, p.Digest)
	}
	if len(p.Data) == 0 {
		return nil, errors.New("finetune: the passport names no data")
	}
	for _, s := range p.Data {
		if t.Sum != nil && s.Path != "" {
			continue // compared once it is read
		}
		if err := s.Check(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// paths gives the files that a passport's training and evaluation data came from, "" for none.
func paths(p *adapter.Passport) (train, eval string) {
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
