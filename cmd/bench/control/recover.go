package main

import (
	"context"
	"errors"
	"os"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/pretrain"
	"github.com/fmkit/fmkit/rl/trajectory"
)

// inverseSteps are optimizer steps of 16 windows of an inverse model.
const inverseSteps = 400

// recover gives the episodes with actions and after them the watched ones, whose actions an inverse model recovers that learns from the former; and the share of them, those of
// the highest return, to clone: as many as have actions, and the half of the others that the script played.
func (b *bench) recover(ctx context.Context, labelled trajectory.Source, seed uint64) (_ trajectory.Source, top float64, err error) {
	if b.watched == nil {
		return nil, 0, errors.New("there are no episodes without actions to recover")
	}
	c, err := pretrain.Default("tiny")
	if err != nil {
		return nil, 0, err
	}
	c.Model.Context, c.Batch, c.EvalMax = 4, 16, 64
	c.Model = c.Model.Defaults()
	c.Causal, c.Alone, c.Masks, c.Loss = 0, 0, pretrain.Masks{Inverse: 1}, pretrain.Weights{Actions: 1}
	c.Train = c.Train.WithSteps(inverseSteps)
	c.Train.Seed, c.Train.EvalEvery, c.Train.SaveEvery = seed, 0, 0
	dir, err := os.MkdirTemp(b.out, ".inverse-*")
	if err != nil {
		return nil, 0, err
	}
	defer os.RemoveAll(dir)
	sources := []trajectory.Source{labelled}
	if labelled.Len() == 1 {
		sources = append(sources, labelled) // one is held back
	}
	if _, err := pretrain.Run(ctx, c, pretrain.Options{Sources: sources, Out: dir, Resume: true}); err != nil {
		return nil, 0, err
	}
	m, err := rl.Load(dir)
	if err != nil {
		return nil, 0, err
	}
	all, err := pretrain.RecoverActions(ctx, m, b.watched)
	if err != nil {
		return nil, 0, err
	}
	with := &trajectory.Memory{About: all.About}
	var e trajectory.Episode
	for i := range labelled.Len() {
		if err := errors.Join(labelled.Episode(i, &e), with.Add(&e)); err != nil {
			return nil, 0, err
		}
	}
	with.Episodes = append(with.Episodes, all.Episodes...)
	k := float64(labelled.Len())
	return with, (k + watched/2) / (k + watched), nil
}
