package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/backbone"
)

// poleEpisodes writes a folder of episodes of a scripted policy.
func poleEpisodes(t *testing.T, dir string, n int) {
	t.Helper()
	spec, err := rl.Find("CartPole-v1")
	if err != nil {
		t.Fatal(err)
	}
	e, err := rl.Make(spec.ID)
	if err != nil {
		t.Fatal(err)
	}
	m := &trajectory.Memory{About: trajectory.Meta{Environment: spec.ID, Observation: e.ObservationSpace(), Action: e.ActionSpace()}}
	o, a := make([]float32, 4), make([]float32, 1)
	for i := range n {
		var p trajectory.Episode
		if _, err := e.Reset(o, int64(i), nil); err != nil {
			t.Fatal(err)
		}
		p.Observations = append(p.Observations, o...)
		for !p.Terminated && !p.Truncated {
			spec.Scripted(o, a)
			got, err := e.Step(o, a)
			if err != nil {
				t.Fatal(err)
			}
			p.Observations, p.Actions, p.Rewards = append(p.Observations, o...), append(p.Actions, a...), append(p.Rewards, got.Reward)
			p.Terminated, p.Truncated = got.Terminated, got.Truncated
		}
		m.Episodes = append(m.Episodes, p)
	}
	if err := trajectory.Write(t.Context(), dir, m, trajectory.StoreConfig{}); err != nil {
		t.Fatal(err)
	}
}

func TestPolicyOnline(t *testing.T) {
	dir := t.TempDir()
	out, log := filepath.Join(dir, "policy"), filepath.Join(dir, "log")
	made := lastObject(t, mustFM(t, "", "adapt", "policy", "--base", "none", "--env", "CartPole-v1", "--out", out, "--steps", "4096", "--episodes", "4", "--json"))
	if made["task"] != "policy" || made["algorithm"] != "ppo" || made["method"] != "scratch" || made["steps"] != 4096.0 {
		t.Errorf("adapt: got %v", made)
	}
	scores := lastObject(t, mustFM(t, "", "eval", "policy", "--adapter", out, "--env", "CartPole-v1", "--episodes", "6", "--seed", "3", "--log", log, "--json"))
	interval, _ := scores["interval"].(map[string]any)
	if scores["episodes"] != 6.0 || scores["seeds"] != 1.0 || scores["mean_return"] == nil || scores["iqm"] == nil || interval["iqm"] == nil {
		t.Errorf("eval: got %v", scores)
	}
	both := lastObject(t, mustFM(t, "", "eval", "policy", "--adapter", out, "--also", out, "--episodes", "6", "--seed", "3", "--json"))
	if both["seeds"] != 2.0 || both["mean_return"] != scores["mean_return"] {
		t.Errorf("eval: got %v, want twice %v", both, scores)
	}
	if replayed := lastObject(t, mustFM(t, "", "verify", out, "--log", log, "--json")); replayed["match"] != true || replayed["decisions"] == 0.0 {
		t.Errorf("verify --log: got %v", replayed)
	}
	if again := lastObject(t, mustFM(t, "", "verify", out, "--json")); again["match"] != true || again["want"] != made["digest"] {
		t.Errorf("verify: got %v", again)
	}
	answers := mustFM(t, `{"observation": [0, 0, 0.01, 0], "id": "a"}`+"\n\n"+`{"observation": [0, 0, 9, 0]}`+"\n", "predict", "--adapter", out)
	var first struct {
		ID            string
		Action        *int
		Probabilities []float64
		Fallback      bool
	}
	lines := strings.Split(strings.TrimSpace(answers), "\n")
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || first.ID != "a" || first.Action == nil || len(first.Probabilities) != 2 || first.Fallback {
		t.Errorf("predict: got %s, %v", lines[0], err)
	}
	if len(lines) != 2 || !strings.Contains(lines[0], `"verdict":"answer","confidence":`) || !strings.Contains(lines[1], `"fallback":true`) || !strings.Contains(lines[1], `"verdict":"abstain","why":"out of scope"`) {
		t.Errorf("predict: got %q", lines)
	}
	played := lastObject(t, mustFM(t, "", "env", "rollout", "--env", "CartPole-v1", "--policy", out, "--episodes", "6", "--seed", "3", "--json"))
	if played["min_return"] != scores["min_return"] || played["max_return"] != scores["max_return"] || played["iqm"] != scores["iqm"] {
		t.Errorf("env rollout: got %v, eval %v", played, scores)
	}
	record := []string{"env", "rollout", "--env", "CartPole-v1", "--policy", out, "--episodes", "6", "--seed", "3", "--json", "--sample"}
	drawn := mustFM(t, "", record...)
	if again := mustFM(t, "", record...); again != drawn || lastObject(t, drawn)["steps"] == played["steps"] {
		t.Errorf("env rollout --sample: got %s and %s, want the same and others than %v", drawn, again, played)
	}
	for _, args := range [][]string{
		{"env", "rollout", "--env", "CartPole-v1", "--policy", dir},
		{"env", "rollout", "--env", "CartPole-v1", "--sample"},
		{"adapt", "policy", "--base", "none", "--env", "CartPole-v9", "--out", filepath.Join(dir, "x")},
		{"adapt", "policy", "--base", "none", "--env", "CartPole-v1", "--out", filepath.Join(dir, "x"), "--method", "head"},
		{"adapt", "policy", "--base", "none", "--env", "CartPole-v1", "--out", filepath.Join(dir, "x"), "--algorithm", "clone"},
		{"adapt", "policy", "--base", "none", "--out", filepath.Join(dir, "x")},
		{"adapt", "policy", "--base", "none", "--env", "CartPole-v1", "--out", filepath.Join(dir, "x"), "--lr", "-1"},
		{"adapt", "policy", "--base", "none", "--data", dir, "--out", filepath.Join(dir, "x")},
		{"eval", "policy", "--adapter", out, "--env", "Pendulum-v1"},
		{"eval", "policy", "--adapter", out, "--episodes", "0"},
		{"eval", "policy"},
		{"eval", "classify", "--adapter", out, "--data", log, "--env", "CartPole-v1"},
		{"verify", out, "--log", filepath.Join(out, "fmkit.json")},
		{"predict", "--adapter", out, "--overlay", "x"},
	} {
		if _, code, err := fm(t, "", args...); err == nil || code != exitUsage {
			t.Errorf("fm %q: got code %d, %v, want %d", args, code, err, exitUsage)
		}
	}
	if _, code, err := fm(t, `{"observation": [0]}`, "predict", "--adapter", out); err == nil || code != exitUsage {
		t.Errorf("predict: got code %d, %v, want %d", code, err, exitUsage)
	}
	changed := filepath.Join(dir, "changed")
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(changed, []byte(strings.Replace(string(text), `"step":1,"observation":[`, `"step":1,"observation":[1`, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, code, err := fm(t, "", "verify", out, "--log", changed); err == nil || code == exitDone {
		t.Errorf("a changed log: got code %d, %v", code, err)
	}
}

func TestPolicyEpisodes(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "episodes")
	poleEpisodes(t, data, 6)
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
	base := filepath.Join(dir, "base")
	if err := m.Save(base, rl.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"--base", "none"}, {"--base", base, "--top", "0.5"}, {"--base", base, "--algorithm", "return", "--method", "lora"}, {"--base", base, "--method", "head"},
	} {
		out := filepath.Join(dir, "policy")
		if err := os.RemoveAll(out); err != nil {
			t.Fatal(err)
		}
		made := lastObject(t, mustFM(t, "", append([]string{"adapt", "policy", "--data", data, "--out", out, "--steps", "20", "--episodes", "2", "--json"}, args...)...))
		if made["steps"] != 20.0 || made["metrics"].(map[string]any)["mean_return"] == nil {
			t.Errorf("%q: got %v", args, made)
		}
		if again := lastObject(t, mustFM(t, "", "verify", out, "--json")); again["match"] != true {
			t.Errorf("%q: verify: got %v", args, again)
		}
	}
}
