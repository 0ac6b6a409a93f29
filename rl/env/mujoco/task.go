package mujoco

import (
	"fmt"
	"math"
	"strings"

	"github.com/fmkit/fmkit/rl/env/nprandom"
)

// A task is what Gymnasium makes of a simulation.
type task struct {
	spec       Spec
	file       string
	nq, nv, nu int
	skip       int       // simulation steps of a step
	size       int       // of an observation
	bodies     [2]string // whose distance the task needs, "" for none
	start      func(s *state, g *nprandom.Generator)
	observe    func(x []float32, s *state)
	// judge gives the reward of a step of dt seconds that began at x, the first position, and whether it ends the episode.
	judge func(s *state, action []float32, x, dt float64) (reward float64, terminated bool)
}

// A state is what a task sees of a simulation.
type state struct {
	qpos  []float64  // [nq]
	qvel  []float64  // [nv]
	reach [3]float64 // from the second of the task's bodies to the first, in metres
}

// A Spec is an environment under its name.
type Spec struct {
	ID              string
	MaxEpisodeSteps int
	RewardThreshold float64 // a mean return that counts as solved
}

// Specs are all environments of this package, with Gymnasium's limits and thresholds.
func Specs() []Spec {
	var all []Spec
	for _, t := range tasks() {
		all = append(all, t.spec)
	}
	return all
}

// Find gives the environment of a name.
func Find(id string) (Spec, error) {
	t, err := find(id)
	return t.spec, err
}

func find(id string) (task, error) {
	var ids []string
	for _, t := range tasks() {
		if t.spec.ID == id {
			return t, nil
		}
		ids = append(ids, t.spec.ID)
	}
	return task{}, fmt.Errorf("%w: got %q, want one of %s", ErrUnknown, id, strings.Join(ids, ", "))
}

func tasks() []task { return []task{invertedPendulum(), reacher(), hopper(), halfCheetah()} }

// noise adds even noise from -scale to scale.
func noise(x []float64, g *nprandom.Generator, scale float64) {
	for i := range x {
		x[i] += g.Uniform(-scale, scale)
	}
}

// write writes positions and velocities as an observation.
func write(x []float32, qpos, qvel []float64) {
	for i, v := range qpos {
		x[i] = float32(v)
	}
	for i, v := range qvel {
		x[len(qpos)+i] = float32(v)
	}
}

// effort is the sum of the squares of an action, in float32 as numpy's.
func effort(action []float32) float32 {
	var sum float32
	for _, a := range action {
		sum += float32(a * a)
	}
	return sum
}

func finite(x []float64) bool {
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
