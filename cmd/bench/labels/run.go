package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/adapters/inspector/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
)

// A bench is what to learn from and how.
type bench struct {
	data, base, out, group, labels string
	steps, seeds, batch            int
	lr                             float64
	upright                        bool
}

func (b *bench) flags(f *flag.FlagSet) {
	f.StringVar(&b.data, "data", "", "labelled pictures, in a layout of package dataset")
	f.StringVar(&b.base, "base", "", "folder of the pretrained vision model")
	f.StringVar(&b.out, "out", "", "folder of results")
	f.StringVar(&b.group, "test-group", "", "group to test on; empty: half of the defective pictures, and the good ones of split test")
	f.StringVar(&b.labels, "labels", "5,10,20,50,0", "defective pictures of each label to learn from; 0 means all")
	f.IntVar(&b.seeds, "seeds", 3, "seeds, from 1")
	f.IntVar(&b.steps, "steps", 1000, "optimizer steps of every training")
	f.IntVar(&b.batch, "batch", 24, "windows of a step")
	f.Float64Var(&b.lr, "lr", 1.5e-3, "peak learning rate")
	f.BoolVar(&b.upright, "upright", false, "windows are neither turned nor mirrored")
}

func (b *bench) check() error {
	if b.out == "" {
		return errors.New("--out is wanted")
	}
	return os.MkdirAll(b.out, 0o755)
}

// counts are the numbers of labels, those of all last.
func (b *bench) counts() (all []int, err error) {
	for _, s := range strings.Split(b.labels, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("--labels: got %q, want numbers", b.labels)
		}
		all = append(all, n)
	}
	return all, nil
}

// run does the trainings that have no result yet.
func (b *bench) run(ctx context.Context) error {
	if b.data == "" || b.base == "" {
		return errors.New("--data and --base are wanted")
	}
	counts, err := b.counts()
	if err != nil {
		return err
	}
	base, err := vision.Load(b.base)
	if err != nil {
		return err
	}
	set, err := dataset.Open(b.data)
	if err != nil {
		return err
	}
	templates := base.Config.Channels == 3 && slices.ContainsFunc(set.Items, func(it dataset.Item) bool { return it.Template != "" })
	pool, test, err := b.split(train.Comparable(set.Items, templates))
	if err != nil {
		return err
	}
	if err := b.cell(ctx, "baseline", 0, 0, func() (*result, error) { return baselineScores(ctx, pool, test, templates) }); err != nil {
		return err
	}
	for seed := range b.seeds {
		for _, n := range counts {
			for _, arm := range []string{"pretrained", "scratch"} {
				if err := b.cell(ctx, arm, n, seed+1, func() (*result, error) { return b.one(ctx, base, pool, test, arm, n, seed+1, templates) }); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// split divides the pictures into those to learn from and those to test on.
func (b *bench) split(items []dataset.Item) (pool, test []dataset.Item, err error) {
	var bad []dataset.Item
	for _, it := range items {
		switch {
		case b.group != "" && it.Group == b.group, b.group == "" && it.Label == dataset.Good && it.Split == "test":
			test = append(test, it)
		case b.group == "" && it.Label != dataset.Good:
			bad = append(bad, it)
		default:
			pool = append(pool, it)
		}
	}
	learn, held := dataset.HoldOut(bad, 0.5, 1)
	if pool, test = append(pool, learn...), append(test, held...); len(pool) == 0 || len(test) == 0 {
		return nil, nil, fmt.Errorf("%s: got %d pictures to learn from and %d to test on, want both: %w", b.data, len(pool), len(test), data.ErrEmpty)
	}
	return pool, test, nil
}

// cell writes the result of one arm, unless it is there.
func (b *bench) cell(ctx context.Context, arm string, labels, seed int, do func() (*result, error)) error {
	path := filepath.Join(b.out, fmt.Sprintf("%s-%d-%d.json", arm, labels, seed))
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r, err := do()
	if err != nil {
		return fmt.Errorf("%s of %d labels, seed %d: %w", arm, labels, seed, err)
	}
	r.Arm, r.Labels, r.Seed = arm, labels, seed
	raw, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return checkpoint.WriteFile(path, raw)
}

// one trains and tests a detector.
func (b *bench) one(ctx context.Context, base *vision.Model, pool, test []dataset.Item, arm string, labels, seed int, templates bool) (*result, error) {
	c := train.Default(templates)
	c.Method, c.Folds, c.Held, c.Upright, c.Batch = adapter.Full, 0, 0, b.upright, b.batch
	c.Train = c.Train.WithSteps(b.steps)
	c.Train.LR, c.Train.Seed = b.lr, uint64(seed)
	if arm == "scratch" {
		c.Method = adapter.Scratch
	}
	if labels > 0 {
		bad := slices.DeleteFunc(slices.Clone(pool), func(it dataset.Item) bool { return it.Label == dataset.Good })
		at, err := data.Shots(dataset.Labels(bad), labels, uint64(seed))
		if err != nil {
			return nil, err
		}
		pool = append(slices.DeleteFunc(slices.Clone(pool), func(it dataset.Item) bool { return it.Label != dataset.Good }), data.Pick(bad, at)...)
	}
	run := filepath.Join(b.out, fmt.Sprintf("%s-%d-%d.run", arm, labels, seed))
	d, _, err := train.Adapt(ctx, base, train.Data{Train: pool}, c, train.Options{Run: run, Resume: true, Log: os.Stderr, NoScore: true})
	if err != nil {
		return nil, err
	}
	r := &result{Template: templates}
	boxes, err := train.Inspect(ctx, d, test, func(a *inspector.Answer, _ []bool) { r.Scores = append(r.Scores, a.Score) })
	r.Boxes = boxes
	r.judge(test)
	return r, err
}
