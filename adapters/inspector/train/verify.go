package train

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/vision"
)

// Verify trains the detector in dir again from its passport and compares the digests; of o only Log and Terminal count. Before that the base and the pictures must
// be those of the passport: adapter.ErrBaseMismatch, adapter.ErrDataChanged. A passport that says other than its recipe gives, its thresholds among that, is
// adapter.ErrRecipe.
func Verify(ctx context.Context, dir string, base *vision.Model, o Options) (adapter.Verification, error) {
	began := time.Now()
	was, err := inspector.LoadDetector(dir, base) // which compares base and digest
	if err != nil {
		return adapter.Verification{}, err
	}
	p := was.Passport()
	c, d, err := Learnt(ctx, p)
	if err != nil {
		return adapter.Verification{}, err
	}
	_, again, err := Adapt(ctx, base, d, c, Options{Log: o.Log, Terminal: o.Terminal, NoScore: true})
	if err != nil {
		return adapter.Verification{}, err
	}
	for _, f := range []struct {
		name      string
		got, want any
	}{
		{"method", []any{p.Method, p.Config}, []any{again.Method, again.Config}},
		{"seed and steps", []any{p.Seed, p.Steps}, []any{again.Seed, again.Steps}},
		{"labels", p.Labels, again.Labels},
		{"settings", p.Settings, again.Settings},
	} {
		got, err := json.Marshal(f.got) // raw JSON loses its spacing
		if err != nil {
			return adapter.Verification{}, fmt.Errorf("inspector: train: %s: %w", f.name, err)
		}
		want, err := json.Marshal(f.want)
		if err != nil {
			return adapter.Verification{}, fmt.Errorf("inspector: train: %s: %w", f.name, err)
		}
		if string(got) != string(want) {
			return adapter.Verification{}, fmt.Errorf("inspector: train: %w: %s of the passport: got %s, the recipe gives %s", adapter.ErrRecipe, f.name, got, want)
		}
	}
	return adapter.Verification{Want: p.Digest, Got: again.Digest, Match: again.Digest == p.Digest, Steps: again.Steps, Seconds: time.Since(began).Seconds()}, nil
}

// Learnt gives the recipe of a detector's passport and the pictures that it was made from, which must be what they were: adapter.ErrDataChanged. Pictures
// that a program gave can't be read again, which is that error too.
func Learnt(ctx context.Context, p *adapter.Passport) (Config, Data, error) {
	c, err := ParseConfig(p.Recipe)
	if err != nil {
		return c, Data{}, fmt.Errorf("%w: %w", adapter.ErrPassport, err)
	}
	paths := map[string]string{}
	for _, s := range p.Data {
		if s.Path == "" {
			return c, Data{}, fmt.Errorf("inspector: train: the %s pictures are at no path: %w", s.Role, adapter.ErrDataChanged)
		}
		paths[s.Role] = s.Path
	}
	if paths["train"] == "" {
		return c, Data{}, fmt.Errorf("inspector: train: %w: it names no pictures to train on", adapter.ErrPassport)
	}
	d, err := ReadData(paths["train"], paths["eval"], c)
	if err != nil {
		return c, Data{}, err
	}
	now, err := d.sources(ctx)
	if err != nil {
		return c, Data{}, err
	}
	if len(now) != len(p.Data) {
		return c, Data{}, fmt.Errorf("inspector: train: %w: got %d sources, want %d", adapter.ErrPassport, len(p.Data), len(now))
	}
	for i, s := range p.Data {
		if s.Role != now[i].Role {
			return c, Data{}, fmt.Errorf("inspector: train: %w: source %d: got the role %q, want %s", adapter.ErrPassport, i, s.Role, now[i].Role)
		}
		if err := s.Compare(now[i]); err != nil {
			return c, Data{}, err
		}
	}
	return c, d, nil
}
