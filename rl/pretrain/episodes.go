package pretrain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/data"
)

// ErrData means episodes that can't be trained on; the error says why.
var ErrData = errors.New("pretrain: data")

// splitSeed holds back the same episodes of the same data in every run, so that runs compare.
const splitSeed = 20230504

// keepBytes is how much of the data stays in memory; what is more is read again from where it lies.
const keepBytes = 1 << 30

// episodes are all of a run's.
type episodes struct {
	environments []*recorded
	source       string // SHA-256 of everything that they hold
	count        int
	steps        int64
}

// openEpisodes reads every episode once: to check and to hash it, to measure what standardises, and to keep it as long as that takes at most so many bytes in all.
func openEpisodes(ctx context.Context, c *Config, sources []trajectory.Source, keep int64) (*episodes, error) {
	all := &episodes{}
	for i, s := range sources {
		if err := all.add(s); err != nil {
			return nil, fmt.Errorf("source %d: %w", i, err)
		}
	}
	if len(all.environments) == 0 {
		return nil, fmt.Errorf("%w: got no source of episodes", ErrData)
	}
	h := sha256.New()
	for _, r := range all.environments {
		if len(r.places) < 2 {
			return nil, fmt.Errorf("%w: %s: got %d episodes, want at least two, to hold one back: %w", ErrData, r.about.ID, len(r.places), data.ErrEmpty)
		}
		r.train.list, r.held.list = data.Split(len(r.places), c.Held, splitSeed)
		if err := r.read(ctx, c, h, &keep); err != nil {
			return nil, err
		}
		r.settle()
		all.count += len(r.places)
		all.steps += r.train.total() + r.held.total()
	}
	all.source = "sha256:" + hex.EncodeToString(h.Sum(nil))
	return all, nil
}

// add lists a source's episodes. Sources of one environment belong together.
func (all *episodes) add(s trajectory.Source) error {
	meta := s.Meta()
	at := slices.IndexFunc(all.environments, func(r *recorded) bool { return r.meta.Environment == meta.Environment })
	if at < 0 {
		r, err := newRecorded(meta)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrData, err)
		}
		at = len(all.environments)
		all.environments = append(all.environments, r)
	}
	r := all.environments[at]
	if got, want := fmt.Sprint(meta.Observation, meta.Action), fmt.Sprint(r.meta.Observation, r.meta.Action); got != want {
		return fmt.Errorf("%w: %s: got spaces %s, and %s of another source", ErrData, r.about.ID, got, want)
	}
	for i := range s.Len() {
		r.places = append(r.places, place{s, i})
	}
	return nil
}
