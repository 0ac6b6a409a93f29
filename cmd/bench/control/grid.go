package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/metrics"
)

// A point is a peak rate and a number of optimizer steps.
type point struct {
	lr    float64
	steps int
}

func (p point) String() string { return fmt.Sprintf("%g:%d", p.lr, p.steps) }

// defaultGrid is what every arm chooses from.
func defaultGrid() []point { return []point{{1e-3, 100}, {3e-4, 400}, {1e-3, 400}} }

func gridText(grid []point) string {
	var all []string
	for _, p := range grid {
		all = append(all, p.String())
	}
	return strings.Join(all, ",")
}

func parseGrid(text string) ([]point, error) {
	var grid []point
	for part := range strings.SplitSeq(text, ",") {
		rate, count, ok := strings.Cut(part, ":")
		lr, err1 := strconv.ParseFloat(rate, 64)
		steps, err2 := strconv.Atoi(count)
		if err := errors.Join(err1, err2); !ok || err != nil || !(lr > 0 && lr <= 1) || steps < 1 {
			return nil, fmt.Errorf("got %q, want a rate and a number of steps, as in 1e-3:100", part)
		}
		grid = append(grid, point{lr, steps})
	}
	return grid, nil
}

// Points of the grid are chosen by a seed and episodes of play that no result has.
const (
	chooseSeed = 1000
	choosePlay = 20_000
)

// choose gives the point of the grid by which an arm returns most from a target, the mean over the numbers of episodes to learn from, the first one of equals.
func (b *bench) choose(ctx context.Context, pool trajectory.Source, target, arm string) (point, error) {
	if len(b.grid) == 1 {
		return b.grid[0], nil
	}
	key := target + " " + arm
	if p, ok := b.chosen[key]; ok {
		return p, nil
	}
	best, most := point{}, 0.0
	for i, p := range b.grid {
		total := 0.0
		for _, k := range b.shots {
			r := result{Target: target, Shots: k, Seed: chooseSeed, Arm: arm, Steps: p.steps, LR: p.lr}
			path := filepath.Join(b.out, "grid", fmt.Sprintf("%s.%d.%s.%s.json", target, k, strings.ReplaceAll(arm, "/", "-"), strings.ReplaceAll(p.String(), ":", ".")))
			if err := b.one(ctx, pool, path, choosePlay, &r); err != nil {
				return point{}, fmt.Errorf("%v: %w", p, err)
			}
			total += metrics.Mean(r.Returns)
		}
		if i == 0 || total > most {
			best, most = p, total
		}
	}
	if b.chosen == nil {
		b.chosen = map[string]point{}
	}
	b.chosen[key] = best
	return best, nil
}
