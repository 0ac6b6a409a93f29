package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/backbone"
)

// poleBase writes a model of trajectories with random weights that knows the cart and its pole.
func poleBase(t *testing.T) string {
	t.Helper()
	e, err := rl.Make("CartPole-v1")
	if err != nil {
		t.Fatal(err)
	}
	about, err := rl.NewEnvironment("CartPole-v1", e.ObservationSpace(), e.ActionSpace())
	if err != nil {
		t.Fatal(err)
	}
	m, err := rl.New(rl.Config{Config: backbone.Config{Hidden: 16, Layers: 1, Heads: 2, Intermediate: 32}, Context: 5, Environments: []rl.Environment{about}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	base := filepath.Join(t.TempDir(), "base")
	if err := m.Save(base, rl.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	return base
}

// TestTransferPolicy: episodes of a folder; a report goes on where its folder is, and says what is wrong.
func TestTransferPolicy(t *testing.T) {
	dir, base := t.TempDir(), poleBase(t)
	data, out := filepath.Join(dir, "episodes"), filepath.Join(dir, "report")
	poleEpisodes(t, data, 6)
	args := []string{
		"report", "transfer", "policy", "--base", base, "--data", data, "--budgets", "1,all", "--seeds", "2", "--grid", "1e-3:5,3e-3:20", "--episodes", "3", "--out", out, "--json",
	}
	r := lastObject(t, mustFM(t, "", args...))
	if r["metric"] != "mean return" || r["unit"] != "episodes" || r["scale"] != 1.0 || r["pool"] != 6.0 || r["test"] != 3.0 || len(r["arms"].([]any)) != 5 || len(r["labels_saved"].([]any)) != 3 || r["verdict"] == "" {
		t.Errorf("report says %v", r)
	}
	for _, name := range []string{"baseline", "scratch", "head", "lora", "full"} {
		a := armOf(t, r, name)
		points := a["points"].([]any)
		if first, last := points[0].(map[string]any), points[1].(map[string]any); first["train"] != 1.0 || last["train"] != 6.0 || last["mean"].(float64) < 8 || a["latency"] == nil || a["bytes"] == nil || first["dev"] == nil {
			t.Errorf("%s: %v", name, a)
		}
	}
	if p := armOf(t, r, "baseline")["points"].([]any)[1].(map[string]any); p["mean"].(float64) < 100 { // 400 steps of what the others make 20 of
		t.Errorf("a plain network returns %v, want at least 100", p["mean"])
	}
	want := timeless(t, r)
	for _, cell := range []string{"full.all.seed2.json", "baseline.1.choice0.json"} {
		if err := os.Remove(filepath.Join(out, "cells", cell)); err != nil {
			t.Fatal(err)
		}
	}
	if again := timeless(t, lastObject(t, mustFM(t, "", args...))); again != want {
		t.Errorf("again it says\n%s\nwas\n%s", again, want)
	}
	for says, c := range map[string][]string{
		"want --data, or --expert": {"--data", ""},
		"the episodes are of":      {"--env", "Acrobot-v1"},
		"goes with --expert":       {"--expert-episodes", "3"},
		"want --env with":          {"--data", "", "--expert", "scripted"},
		"--expert: got \"me\"":     {"--data", "", "--expert", "me", "--env", "CartPole-v1"},
		"environment":              {"--data", "", "--expert", "scripted", "--env", "CartPole-v9"},
		"episodes: got 0":          {"--episodes", "0"},
		"a rate and a number":      {"--grid", "1"},
		"got 6 examples":           {"--budgets", "7"},
		"--eval goes with":         {"--eval", data},
		"method: got \"best\"":     {"--arms", "best"},
		"other data":               {"--episodes", "4", "--out", out},
		"none":                     {"--base", "none"},
	} {
		if _, code, err := fm(t, "", append([]string{"report", "transfer", "policy", "--base", base, "--data", data}, c...)...); code != exitUsage || err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: code %d, %v, want %d and %q", c, code, err, exitUsage, says)
		}
	}
}

// TestTransferPolicyExpert: episodes that a script and a policy of a folder play first, of whole numbers and of vectors.
func TestTransferPolicyExpert(t *testing.T) {
	dir := t.TempDir()
	expert := filepath.Join(dir, "expert")
	mustFM(t, "", "adapt", "policy", "--base", "none", "--env", "CartPole-v1", "--out", expert, "--steps", "1024", "--episodes", "0")
	for id, who := range map[string]string{"CartPole-v1": expert, "Pendulum-v1": "scripted"} {
		r := lastObject(t, mustFM(t, "", "report", "transfer", "policy", "--base", "mini", "--env", id, "--expert", who, "--expert-episodes", "2", "--budgets", "1", "--arms", "baseline,full",
			"--seeds", "1", "--grid", "1e-3:3", "--episodes", "2", "--json"))
		if r["pool"] != 2.0 || r["base"] != "rl/mini" || (armOf(t, r, "full")["points"].([]any)[0].(map[string]any)["mean"].(float64) < 0) != (id == "Pendulum-v1") {
			t.Errorf("%s: report says %v", id, r)
		}
	}
}
