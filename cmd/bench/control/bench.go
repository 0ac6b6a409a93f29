package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/random"
)

// A bench is what to run.
type bench struct {
	out, base          string
	arms, targets      string
	shots              []int
	first              int
	seeds, play, steps int
	lr                 float64
}

func (b *bench) flags(f *flag.FlagSet) {
	f.StringVar(&b.out, "out", "", "folder of results")
	f.StringVar(&b.base, "base", "", "folder of another model than rl/mini for the arm of that name")
	f.StringVar(&b.arms, "arms", strings.Join(armNames(), ","), "beginnings, separated by commas")
	f.StringVar(&b.targets, "targets", "CartPole-v1,Acrobot-v1,MountainCar-v0", "environments, separated by commas")
	b.shots = []int{1, 5, 20}
	f.Func("shots", "episodes of the expert, separated by commas (default 1,5,20)", func(text string) error {
		b.shots = nil
		for part := range strings.SplitSeq(text, ",") {
			k, err := strconv.Atoi(part)
			if err != nil || k < 1 || k > poolSize {
				return fmt.Errorf("got %q, want 1 to %d", part, poolSize)
			}
			b.shots = append(b.shots, k)
		}
		return nil
	})
	f.IntVar(&b.seeds, "seeds", 5, "runs of each kind")
	f.IntVar(&b.first, "first", 0, "the first seed: rates were chosen on others than those of the table")
	f.IntVar(&b.play, "play", 10, "episodes that a policy is scored on")
	f.IntVar(&b.steps, "steps", 100, "optimizer steps of 32 observations; the plain network makes 20 times as many")
	f.Float64Var(&b.lr, "lr", 1e-3, "peak learning rate")
}

// A result is what a run came to.
type result struct {
	Target  string    `json:"target"`
	Shots   int       `json:"shots"`
	Seed    int       `json:"seed"`
	Arm     string    `json:"arm"`
	Steps   int       `json:"steps"`
	LR      float64   `json:"lr"`
	Returns []float64 `json:"returns"`
}

// run does what has no result yet, seed by seed, so that a table of some seeds is whole.
func (b *bench) run(ctx context.Context) error {
	if b.out == "" || b.seeds < 1 || b.play < 1 || b.steps < 1 {
		return errors.New("--out is wanted, and at least one of seeds, episodes to play and steps")
	}
	arms, targets := strings.Split(b.arms, ","), strings.Split(b.targets, ",")
	for _, a := range arms {
		if !slices.Contains(armNames(), a) {
			return fmt.Errorf("--arms: got %q, want some of %q", a, armNames())
		}
	}
	for seed := b.first; seed < b.first+b.seeds; seed++ {
		for _, target := range targets {
			pool, err := b.expert(ctx, target)
			if err != nil {
				return fmt.Errorf("%s: %w", target, err)
			}
			for _, k := range b.shots {
				for _, a := range arms {
					r := result{Target: target, Shots: k, Seed: seed, Arm: a, Steps: b.steps, LR: b.lr}
					if err := b.one(ctx, pool, &r); err != nil {
						return fmt.Errorf("%s, %d episodes, seed %d, %s: %w", target, k, seed, a, err)
					}
				}
			}
		}
	}
	return printTable(os.Stdout, b.out)
}

// one clones and plays, if that has not been done.
func (b *bench) one(ctx context.Context, pool trajectory.Source, r *result) error {
	path := filepath.Join(b.out, fmt.Sprintf("%s.%d.%d.%s.json", r.Target, r.Shots, r.Seed, strings.ReplaceAll(r.Arm, "/", "-")))
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	at := random.Perm(random.Key(uint64(r.Seed), "control.episodes"), pool.Len())[:r.Shots]
	learn := &trajectory.Subset{Of: pool}
	for _, i := range at {
		learn.At = append(learn.At, int(i))
	}
	answer, err := b.clone(ctx, learn, r)
	if err != nil {
		return err
	}
	if r.Returns, err = play(ctx, r.Target, b.play, answer); err != nil {
		return err
	}
	raw, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return checkpoint.WriteFile(path, raw)
}

// An answerer sets outputs [n, A], whose largest is the action, for observations [n, O].
type answerer func(outputs, observations []float32, n int) error

// firstSeed is that of the first episode that a policy is scored on. No episode that is learnt from has one of those seeds.
const firstSeed = 10_000

// play gives the returns of episodes, which are played side by side: to the bit those that policy.Evaluate plays one by one, but that nothing is strange to these policies.
func play(ctx context.Context, target string, episodes int, answer answerer) ([]float64, error) {
	e, err := rl.Make(target)
	if err != nil {
		return nil, err
	}
	about, err := rl.NewEnvironment(target, e.ObservationSpace(), e.ActionSpace())
	if err != nil {
		return nil, err
	}
	acts := policy.Actions{About: &about}
	a, size := acts.Outputs(), acts.Size()
	outputs, choice := make([]float32, episodes*a), make([]float32, size)
	player := func(seeds []int64, _ []int, x, y []float32) error {
		n := len(seeds)
		if err := answer(outputs[:n*a], x, n); err != nil {
			return err
		}
		for i := range n {
			acts.Mode(choice, outputs[i*a:(i+1)*a])
			acts.Action(y[i*size:(i+1)*size], choice)
		}
		return nil
	}
	var returns []float64
	_, err = trajectory.Record(ctx, func() (env.Env, error) { return rl.Make(target) }, func() (trajectory.Player, error) { return player, nil },
		trajectory.RecordConfig{Episodes: episodes, Seed: firstSeed, Envs: episodes}, func(e *trajectory.Episode) error {
			returns = append(returns, e.Return())
			return nil
		})
	return returns, err
}
