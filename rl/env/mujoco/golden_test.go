package mujoco

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/fmkit/fmkit/rl/env/nprandom"
)

// goldens are testdata/golden.json.
func goldens(t *testing.T) map[string]goldenCase {
	t.Helper()
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct{ Envs map[string]goldenCase }
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	return g.Envs
}

type goldenCase struct {
	DT     float64
	Rest   []float64
	Resets []struct {
		Seed       uint64
		Twice      bool
		QPos, QVel []float64
	}
	Steps []struct {
		X           float64
		QPos, QVel  []float64
		Reach       [3]float64
		Action      []float32
		Observation []float32
		Reward      float64
		Terminated  bool
	}
}

// TestStarts holds the states after a reset to Gymnasium's. Normal numbers are within 1e-12 of numpy's.
func TestStarts(t *testing.T) {
	for id, g := range goldens(t) {
		task, err := find(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range g.Resets {
			rng := nprandom.New(want.Seed)
			var got state
			for range 2 {
				got = task.newState()
				copy(got.qpos, g.Rest)
				task.start(&got, rng)
				if !want.Twice {
					break
				}
			}
			if d := max(furthest(got.qpos, want.QPos), furthest(got.qvel, want.QVel)); d > 1e-12 {
				t.Errorf("%s, seed %d: got %v, want %v", id, want.Seed, got, want)
			}
		}
	}
}

// TestJudgements holds observations, rewards and terminations on injected states to Gymnasium's: observations equal as float32 but
// for an ulp of a cosine, rewards within the rounding of a norm.
func TestJudgements(t *testing.T) {
	for id, g := range goldens(t) {
		task, err := find(id)
		if err != nil {
			t.Fatal(err)
		}
		ends := 0
		for i, want := range g.Steps {
			s := state{want.QPos, want.QVel, want.Reach}
			x := make([]float32, task.size)
			task.observe(x, &s)
			for k := range x {
				if d := math.Abs(float64(x[k] - want.Observation[k])); d > 6e-8*math.Abs(float64(x[k])) || len(want.Observation) != len(x) {
					t.Errorf("%s, step %d: got %v, want %v", id, i, x, want.Observation)
				}
			}
			reward, terminated := task.judge(&s, want.Action, want.X, g.DT)
			if math.Abs(reward-want.Reward) > 1e-15*math.Abs(want.Reward) || terminated != want.Terminated {
				t.Errorf("%s, step %d: got %v and %v, want %v and %v", id, i, reward, terminated, want.Reward, want.Terminated)
			}
			if terminated {
				ends++
			}
		}
		if may := id == "InvertedPendulum-v5" || id == "Hopper-v5"; may != (ends > 0) || ends == len(g.Steps) {
			t.Errorf("%s: %d of %d steps end", id, ends, len(g.Steps))
		}
	}
}

// furthest is the largest difference of two vectors, infinite where their lengths differ.
func furthest(a, b []float64) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	d := 0.0
	for i := range a {
		d = max(d, math.Abs(a[i]-b[i]))
	}
	return d
}
