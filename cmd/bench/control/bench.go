package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/fmkit/fmkit/adapters/policy/train"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/random"
)

// A bench is what to run.
type bench struct {
	out, base          string
	arms, targets      string
	shots              []int
	first, seeds, play int
	grid               []point
	chosen             map[string]point   // of each target and arm
	quiet              bool               // no table at the end
	watched            *trajectory.Memory // episodes without actions; nil: none
}

func (b *bench) flags(f *flag.FlagSet) {
	f.StringVar(&b.out, "out", "", "folder of results")
	f.StringVar(&b.base, "base", "", "folder of another model than rl/mini for the arm of that name")
	f.StringVar(&b.arms, "arms", strings.Join(beginnings(), ","), "beginnings, separated by commas")
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
	f.IntVar(&b.first, "first", 0, "the first seed")
	f.IntVar(&b.play, "play", 10, "episodes that a policy is scored on")
	b.grid = defaultGrid()
	f.Func("grid", "peak rates and optimizer steps of 32 observations, as in 1e-3:100,3e-4:400, that every arm chooses from; the plain network makes 20 times the steps (default "+
		gridText(b.grid)+")", func(text string) (err error) {
		b.grid, err = parseGrid(text)
		return err
	})
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
	if b.out == "" || b.seeds < 1 || b.play < 1 || b.first < 0 || b.first+b.seeds > chooseSeed {
		return fmt.Errorf("--out is wanted, at least one seed and one episode to play, and seeds from 0 to %d", chooseSeed-1)
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
					at, err := b.choose(ctx, pool, target, a)
					if err != nil {
						return fmt.Errorf("%s, %s: %w", target, a, err)
					}
					r := result{Target: target, Shots: k, Seed: seed, Arm: a, Steps: at.steps, LR: at.lr}
					path := filepath.Join(b.out, fmt.Sprintf("%s.%d.%d.%s.json", target, k, seed, strings.ReplaceAll(a, "/", "-")))
					if err := b.one(ctx, pool, path, firstSeed, &r); err != nil {
						return fmt.Errorf("%s, %d episodes, seed %d, %s: %w", target, k, seed, a, err)
					}
				}
			}
		}
	}
	if b.quiet {
		return nil
	}
	return printTable(os.Stdout, b.out)
}

// one clones and plays episodes from a seed on, and keeps what came of it in a file; if it is there, that is read.
func (b *bench) one(ctx context.Context, pool trajectory.Source, path string, from int64, r *result) error {
	if raw, err := os.ReadFile(path); err == nil {
		return json.Unmarshal(raw, r)
	}
	if r.Shots > pool.Len() {
		return fmt.Errorf("got %d episodes of the expert, want %d", pool.Len(), r.Shots)
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
	if r.Returns, err = train.Play(ctx, r.Target, nil, from, b.play, answer); err != nil {
		return err
	}
	raw, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return checkpoint.WriteFile(path, raw)
}

// firstSeed is that of the first episode that a policy is scored on. No episode that is learnt from has one of those seeds.
const firstSeed = 10_000
