package main

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/sortingcell"
	"github.com/fmkit/fmkit/rl/trajectory"
)

// The sorting cell by its camera, and by its numbers.
const (
	cameraCell = "SortingCellCamera-v0"
	numberCell = "SortingCell-v0"
)

// sorted plays episodes of the cell that are seen by the camera. The script, which can't read pictures, reads the numbers of a second cell that is at the same point; nil: random
// actions.
func sorted(ctx context.Context, episodes int, seed int64, script env.Policy, f func(*trajectory.Episode) error) error {
	camera, err := rl.Make(cameraCell)
	if err != nil {
		return err
	}
	numbers, err := rl.Make(numberCell)
	if err != nil {
		return err
	}
	if script == nil {
		script = env.RandomPolicy(camera.ActionSpace(), uint64(seed))
	}
	o, n := camera.ObservationSpace().Size(), numbers.ObservationSpace().Size()
	read, action := make([]float32, n), make([]float32, 1)
	for i := range int64(episodes) {
		if err := ctx.Err(); err != nil {
			return err
		}
		e := &trajectory.Episode{Seed: seed + i, Observations: make([]float32, o)}
		if _, err := camera.Reset(e.Observations, e.Seed, nil); err != nil {
			return err
		}
		if _, err := numbers.Reset(read, e.Seed, nil); err != nil {
			return err
		}
		for !e.Terminated && !e.Truncated {
			script(read, action)
			at := len(e.Observations)
			e.Observations = append(e.Observations, make([]float32, o)...)
			out, err := camera.Step(e.Observations[at:], action)
			if err != nil {
				return err
			}
			same, err := numbers.Step(read, action)
			if err != nil {
				return err
			}
			if out.Reward != same.Reward || out.Done() != same.Done() {
				return fmt.Errorf("episode %d, step %d: got %+v by the camera, %+v by numbers", i, e.Len(), out, same)
			}
			e.Actions, e.Rewards = append(e.Actions, action...), append(e.Rewards, out.Reward)
			e.Terminated, e.Truncated = out.Terminated, out.Truncated
		}
		if err := f(e); err != nil {
			return err
		}
	}
	return nil
}

// sortedWell are episodes of the script.
func sortedWell(ctx context.Context, episodes int, seed int64, f func(*trajectory.Episode) error) error {
	return sorted(ctx, episodes, seed, sortingcell.Scripted, f)
}
