package main

import (
	"bytes"
	"encoding/json"
	"image/gif"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env/mujoco"
	"github.com/fmkit/fmkit/rl/trajectory"
)

func TestEnvList(t *testing.T) {
	all, want := lastObject(t, mustFM(t, "", "env", "list", "--json"))["environments"].([]any), len(rl.Specs())
	if mujoco.Version() != "" {
		want++ // the pendulum of our own
	}
	if len(all) != want {
		t.Fatalf("got %d environments, want %d", len(all), want)
	}
	found := false
	for _, v := range all {
		e := v.(map[string]any)
		if e["id"] == "CartPole-v1" {
			found = e["max_episode_steps"] == 500.0 && e["action_space"] == "Discrete(2)" && e["reward_threshold"] == 475.0
		}
	}
	if !found {
		t.Errorf("CartPole-v1 isn't as Gymnasium has it: %v", all)
	}
	if out := mustFM(t, "", "env", "list"); strings.Count(out, "\n") != want+1 {
		t.Errorf("got %q, want a line for each environment", out)
	}
}

func TestEnvRollout(t *testing.T) {
	args := []string{"env", "rollout", "--json", "--lines", "--env", "CartPole-v1", "--episodes", "4", "--seed", "7"}
	out := mustFM(t, "", args...)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 5 {
		t.Fatalf("got %d lines, want 4 episodes and a summary:\n%s", len(lines), out)
	}
	sum := 0.0
	for i, l := range lines[:4] {
		var e rl.Episode
		if err := json.Unmarshal([]byte(l), &e); err != nil {
			t.Fatal(err)
		}
		if e.Episode != i || e.Seed != int64(7+i) || e.Return != float64(e.Length) {
			t.Errorf("episode %d: got %+v", i, e)
		}
		sum += e.Return
	}
	s := lastObject(t, out)
	if s["mean_return"] != sum/4 || s["episodes"] != 4.0 {
		t.Errorf("got %v, want a mean return of %v over 4 episodes", s, sum/4)
	}
	if i := s["interval"].(map[string]any)["mean_return"].([]any); i[0].(float64) > sum/4 || i[1].(float64) < sum/4 {
		t.Errorf("the interval %v doesn't hold %v", i, sum/4)
	}
	if again := mustFM(t, "", args...); again != out {
		t.Error("the same seed gives other episodes")
	}
	if better := lastObject(t, mustFM(t, "", "env", "rollout", "--json", "--env", "CartPole-v1", "--policy", "scripted")); better["mean_return"].(float64) < 400 {
		t.Errorf("the scripted policy has %v", better)
	}
}

func TestEnvRolloutOut(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "set")
	args := []string{"env", "rollout", "--json", "--env", "CartPole-v1", "--episodes", "5", "--seed", "3"}
	want := lastObject(t, mustFM(t, "", args...))
	got := lastObject(t, mustFM(t, "", append(args, "--out", dir)...))
	if got["mean_return"] != want["mean_return"] || got["out"] != dir {
		t.Errorf("got %v, without --out %v", got, want)
	}
	again := filepath.Join(t.TempDir(), "again")
	p := lastObject(t, mustFM(t, "", "data", "prepare", "trajectories", "--json", "--src", dir, "--out", again))
	if files := p["files"].([]any); len(files) != 1 || files[0].(map[string]any)["rows"] != 5.0 {
		t.Errorf("got %v, want 5 episodes", p)
	}
	for _, d := range []string{dir, again} {
		f, err := trajectory.Open(d)
		if err != nil {
			t.Fatal(err)
		}
		s, err := trajectory.Measure(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if float64(s.Steps) != want["steps"] || len(s.Returns) != 5 || f.Meta().Environment != "CartPole-v1" {
			t.Errorf("got %d steps in %d episodes, want %v in 5", s.Steps, len(s.Returns), want["steps"])
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	if out, code, err := fm(t, "", append(args, "--out", filepath.Dir(filepath.Dir(again)))...); code != exitUsage || err == nil {
		t.Errorf("a folder with other things: got code %d and %v, want %d:\n%s", code, err, exitUsage, out)
	}
	for _, args := range [][]string{
		{"data", "prepare", "trajectories", "--src", t.TempDir(), "--out", filepath.Join(t.TempDir(), "x")},
		{"data", "prepare", "trajectories", "--src", dir, "--out", filepath.Join(t.TempDir(), "x"), "--seed", "2"},
	} {
		if out, code, err := fm(t, "", args...); code != exitUsage || err == nil {
			t.Errorf("fm %q: got code %d and %v, want %d:\n%s", args, code, err, exitUsage, out)
		}
	}
}

func TestEnvUsage(t *testing.T) {
	for _, args := range [][]string{
		{"env"},
		{"env", "dance"},
		{"env", "rollout"},
		{"env", "rollout", "--env", "CartPole"},
		{"env", "rollout", "--env", "CartPole-v1", "--policy", "best"},
		{"env", "rollout", "--env", "CartPole-v1", "--policy", ""},
		{"env", "rollout", "--env", "CartPole-v1", "--episodes", "0"},
		{"env", "rollout", "--env", "CartPole-v1", "--seed", "-1"},
		{"env", "rollout", "--env", "SortingCellCamera-v0", "--policy", "scripted"},
		{"env", "rollout", "--env", "CartPole-v1", "--python", "python3"},
		{"env", "rollout", "--env", "python:", "--python", "python3"},
		{"env", "rollout", "--env", "python:CartPole-v1", "--python", "/nowhere/python"},
		{"env", "rollout", "--env", "python:CartPole-v1", "--python", "/bin/echo", "--policy", "scripted"},
		{"env", "rollout", "--env", "Hopper-v5"},
		{"env", "bench", "--env", "Hopper-v5"},
		{"env", "list", "CartPole-v1"},
		{"env", "render", "--env", "CartPole-v1"},
		{"env", "render", "--env", "CartPole-v1", "--out", "x.jpg"},
		{"env", "render", "--env", "CartPole-v1", "--out", "x.gif", "--frames", "-1"},
		{"env", "render", "--env", "CartPole-v1", "--out", "x.gif", "--every", "-1"},
		{"env", "bench", "--env", "CartPole"},
		{"env", "bench", "--n", "0"},
		{"env", "bench", "--peer", "rust"},
	} {
		if out, code, err := fm(t, "", args...); code != exitUsage || err == nil {
			t.Errorf("fm %q: got code %d and %v, want %d:\n%s", args, code, err, exitUsage, out)
		}
	}
}

// TestEnvPython plays Python's CartPole as our own.
func TestEnvPython(t *testing.T) {
	if os.Getenv("FMKIT_PYTHON") == "" {
		t.Skip("FMKIT_PYTHON names no Python with gymnasium")
	}
	args := []string{"env", "rollout", "--json", "--lines", "--episodes", "3", "--seed", "7", "--env"}
	own, python := mustFM(t, "", append(args, "CartPole-v1")...), mustFM(t, "", append(args, "python:CartPole-v1")...)
	if got := strings.ReplaceAll(python, "python:", ""); got != own {
		t.Errorf("got %s, want %s", python, own)
	}
	out := filepath.Join(t.TempDir(), "a.png")
	s := lastObject(t, mustFM(t, "", "env", "render", "--json", "--env", "python:CartPole-v1", "--frames", "2", "--out", out))
	if s["pictures"] != 2.0 {
		t.Errorf("got %v, want 2 pictures", s)
	}
	if _, code, err := fm(t, "", "env", "rollout", "--env", "python:NoSuch-v0"); code != exitUsage || err == nil {
		t.Errorf("got code %d and %v, want %d", code, err, exitUsage)
	}
}

func TestEnvBench(t *testing.T) {
	r := lastObject(t, mustFM(t, "", "env", "bench", "--json", "--env", "MountainCar-v0", "--n", "8", "--pairs", "1"))
	results := r["results"].([]any)
	if len(results) != 2 {
		t.Fatalf("got %v, want one environment and 8", results)
	}
	for _, v := range results {
		x := v.(map[string]any)
		if x["ours"].(float64) <= 0 || x["unit"] != "steps/s" || x["threads"] != 1.0 {
			t.Errorf("got %v", x)
		}
	}
	if r["min_ratio"] != 0.0 || r["peer"] != "" {
		t.Errorf("got a ratio of %v to %q without a peer", r["min_ratio"], r["peer"])
	}
}

func TestEnvRender(t *testing.T) {
	dir := t.TempDir()
	film, strip := filepath.Join(dir, "a.gif"), filepath.Join(dir, "b.png")
	s := lastObject(t, mustFM(t, "", "env", "render", "--json", "--env", "SortingCell-v0", "--policy", "scripted", "--frames", "3", "--out", film))
	if s["pictures"] != 3.0 || s["steps"] != 2.0 {
		t.Errorf("got %v, want 3 pictures after 2 steps", s)
	}
	raw, err := os.ReadFile(film)
	if err != nil {
		t.Fatal(err)
	}
	if g, err := gif.DecodeAll(bytes.NewReader(raw)); err != nil || len(g.Image) != 3 {
		t.Errorf("got %v", err)
	}
	mustFM(t, "", "env", "render", "--env", "MountainCar-v0", "--frames", "2", "--every", "50", "--out", strip)
	if raw, err = os.ReadFile(strip); err != nil {
		t.Fatal(err)
	}
	if m, err := png.Decode(bytes.NewReader(raw)); err != nil || m.Bounds().Dx() != 1200 || m.Bounds().Dy() != 400 {
		t.Errorf("got %v", err)
	}
	before := tree(t, dir)
	if _, code, err := fm(t, "", "env", "render", "--env", "MountainCar-v0", "--frames", "2", "--out", filepath.Join(film, "x.gif")); code == exitDone {
		t.Errorf("a file in place of a folder: got code %d, %v", code, err)
	}
	if after := tree(t, dir); !slices.Equal(before, after) {
		t.Errorf("got files %v, want %v", after, before)
	}
}
