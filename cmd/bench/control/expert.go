package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/policy/train"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/adapter"
)

// poolSize is how many episodes of an expert are recorded, from poolSeed on.
const (
	poolSize = 50
	poolSeed = 50_000

	cameraPool = 22 // pictures are many numbers
)

// expert gives the recorded episodes of the expert of an environment, in memory. It is trained and recorded where that has not been done.
func (b *bench) expert(ctx context.Context, target string) (trajectory.Source, error) {
	dir := filepath.Join(b.out, "experts", target)
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		if err := record(ctx, target, dir); err != nil {
			return nil, err
		}
	}
	s, err := trajectory.Open(dir)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	m := &trajectory.Memory{About: s.Meta()}
	var e trajectory.Episode
	for i := range s.Len() {
		if err := s.Episode(i, &e); err != nil {
			return nil, err
		}
		if err := m.Add(&e); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// record trains an expert by PPO and writes episodes of its likeliest actions. Of the sorting cell it is the script.
func record(ctx context.Context, target, dir string) error {
	e, err := rl.Make(target)
	if err != nil {
		return err
	}
	about := trajectory.Meta{Environment: target, Observation: e.ObservationSpace(), Action: e.ActionSpace()}
	if target == cameraCell {
		return trajectory.Create(dir, about, trajectory.StoreConfig{}, func(w *trajectory.Writer) error { return sortedWell(ctx, cameraPool, poolSeed, w.Add) })
	}
	steps, ok := map[string]int{"CartPole-v1": 100_000, "Acrobot-v1": 200_000, "MountainCar-v0": 300_000}[target]
	if !ok {
		return errors.New("there is no recipe of an expert")
	}
	c := train.Default(train.Online, target)
	c.Method, c.Steps, c.Episodes = adapter.Scratch, steps, 0
	p, _, err := train.Adapt(ctx, nil, nil, c, train.Options{Log: os.Stderr})
	if err != nil {
		return err
	}
	return trajectory.Create(dir, about, trajectory.StoreConfig{}, func(w *trajectory.Writer) error {
		_, err := trajectory.Record(ctx, func() (env.Env, error) { return rl.Make(target) }, func() (trajectory.Player, error) { return p.Player(1, false) },
			trajectory.RecordConfig{Episodes: poolSize, Seed: poolSeed}, w.Add)
		return err
	})
}
