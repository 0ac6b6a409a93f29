package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/pretrain"
	"github.com/fmkit/fmkit/rl/trajectory"
)

// unlabelled measures what observations without actions are worth: a model of each target is pretrained on them alone, and cloning from 1, 5 and 20 episodes with actions
// begins with it, or with random weights in its sizes; and an inverse model that learns from those episodes recovers the actions, so that all can be cloned.
type unlabelled struct {
	bench
	pretrain int
}

func (u *unlabelled) flags(f *flag.FlagSet) {
	u.bench.flags(f)
	f.IntVar(&u.pretrain, "pretrain", 1000, "optimizer steps of 16 windows on observations")
	for name, value := range map[string]string{
		"targets": cameraCell + ",MountainCar-v0", "arms": strings.Join([]string{fromMini, fromRecovered, fromFresh, fromNothing, fromPlain}, ","), "grid": "1e-3:200,1e-3:800",
	} {
		if err := f.Set(name, value); err != nil {
			panic(err) // these values are right
		}
		f.Lookup(name).DefValue = value
	}
}

// run pretrains and compares, target by target.
func (u *unlabelled) run(ctx context.Context) error {
	if u.out == "" || u.base != "" || u.pretrain < 20 {
		return errors.New("--out is wanted, no --base, and at least 20 steps of pretraining")
	}
	for target := range strings.SplitSeq(u.targets, ",") {
		dir := filepath.Join(u.out, "models", target)
		if _, err := os.Stat(filepath.Join(dir, "model.safetensors")); err != nil {
			if err := u.watch(ctx, target, dir); err != nil {
				return fmt.Errorf("%s: %w", target, err)
			}
		}
		b := u.bench
		b.targets, b.base, b.quiet = target, dir, true
		if strings.Contains(b.arms, fromRecovered) {
			var err error
			if b.watched, err = watchedEpisodes(ctx, target); err != nil {
				return fmt.Errorf("%s: %w", target, err)
			}
		}
		if err := b.run(ctx); err != nil {
			return err
		}
	}
	return printUnlabelled(os.Stdout, u.out)
}

// printUnlabelled is printTable with the name that the pretrained model has here.
func printUnlabelled(w io.Writer, dir string) error {
	var b bytes.Buffer
	if err := printTable(&b, dir); err != nil {
		return err
	}
	_, err := io.WriteString(w, strings.ReplaceAll(b.String(), fromMini, "watched"))
	return err
}

// The episodes that are watched, half of them of random actions and half of the script.
const (
	watched   = 30
	watchSeed = 500_000
)

// watch pretrains a model on episodes without their actions.
func (u *unlabelled) watch(ctx context.Context, target, dir string) error {
	seen, err := watchedEpisodes(ctx, target)
	if err != nil {
		return err
	}
	c, err := pretrain.Default("tiny")
	if err != nil {
		return err
	}
	c.Model.Context, c.NoActions, c.Alone, c.Batch, c.EvalMax = 8, true, 0.3, 16, 64
	c.Model = c.Model.Defaults()
	c.Train.Steps, c.Train.Warmup, c.Train.EvalEvery, c.Train.SaveEvery = u.pretrain, u.pretrain/20, u.pretrain, u.pretrain
	_, err = pretrain.Run(ctx, c, pretrain.Options{Sources: []trajectory.Source{seen}, Out: dir, Resume: true, Log: os.Stderr})
	return err
}

// watchedEpisodes plays them, and forgets what was done.
func watchedEpisodes(ctx context.Context, target string) (*trajectory.Memory, error) {
	s, err := rl.Find(target)
	if err != nil {
		return nil, err
	}
	e, err := rl.Make(target)
	if err != nil {
		return nil, err
	}
	m := &trajectory.Memory{About: trajectory.Meta{Environment: target, Observation: e.ObservationSpace(), Action: e.ActionSpace()}}
	add := func(e *trajectory.Episode) error {
		seen := *e
		seen.Actions = nil
		return m.Add(&seen)
	}
	if target == cameraCell {
		return m, errors.Join(sorted(ctx, watched/2, watchSeed, nil, add), sortedWell(ctx, watched/2, watchSeed+watched, add))
	}
	if s.Scripted == nil {
		return nil, errors.New("there is no script to watch")
	}
	for i, play := range []trajectory.Player{trajectory.Random(e.ActionSpace(), 1), trajectory.Each(m.About.Observation, m.About.Action, s.Scripted)} {
		_, err := trajectory.Record(ctx, func() (env.Env, error) { return rl.Make(target) }, func() (trajectory.Player, error) { return play, nil },
			trajectory.RecordConfig{Episodes: watched / 2, Seed: watchSeed + int64(i*watched)}, add)
		if err != nil {
			return nil, err
		}
	}
	return m, nil
}
