package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/trajectory"
)

// recording records episodes of random actions and returns their folder.
func recording(t *testing.T, id string, n int) string {
	t.Helper()
	made, err := rl.Make(id)
	if err != nil {
		t.Fatal(err)
	}
	meta := trajectory.Meta{Environment: id, Observation: made.ObservationSpace(), Action: made.ActionSpace()}
	dir := filepath.Join(t.TempDir(), "episodes")
	err = trajectory.Create(dir, meta, trajectory.StoreConfig{}, func(w *trajectory.Writer) error {
		player := func() (trajectory.Player, error) {
			e, err := rl.Make(id)
			if err != nil {
				return nil, err
			}
			return trajectory.Random(e.ActionSpace(), 1), nil
		}
		_, err := trajectory.Record(t.Context(), func() (env.Env, error) { return rl.Make(id) }, player, trajectory.RecordConfig{Episodes: n}, w.Add)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestPretrainRL goes from episodes of two environments to a model and to the same bits again.
func TestPretrainRL(t *testing.T) {
	cart, pendulum, dir := recording(t, "CartPole-v1", 8), recording(t, "Pendulum-v1", 4), t.TempDir()
	recipe := write(t, dir, "recipe.json", `{
		"model": {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32},
		"eval_max": 8, "train": {"warmup": 2, "eval_every": 4, "save_every": 4}
	}`)
	args := func(out string, more ...string) []string {
		return append([]string{
			"pretrain", "rl", "--data", cart, "--data", pendulum, "--out", filepath.Join(dir, out), "--config", recipe, "--context", "6", "--batch", "4", "--json",
		}, more...)
	}
	r := lastObject(t, mustFM(t, "", args("run", "--steps", "12")...))
	for _, key := range []string{"steps", "loss", "eval_loss", "eval_accuracy", "per_second", "seconds", "digest"} {
		if _, ok := r[key]; !ok {
			t.Errorf("pretrain rl doesn't say %s: %v", key, r)
		}
	}
	if r["steps"] != 12.0 {
		t.Errorf("%v steps, want 12", r["steps"])
	}
	m, err := rl.Load(filepath.Join(dir, "run"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Environment("Pendulum-v1"); err != nil || m.Config.Context != 6 {
		t.Errorf("got a context of %d and %v", m.Config.Context, err)
	}
	if v := lastObject(t, mustFM(t, "", "verify", filepath.Join(dir, "run"), "--json")); v["match"] != true || v["got"] != r["digest"] {
		t.Errorf("verify says %v, want %v", v, r["digest"])
	}
	if v := lastObject(t, mustFM(t, "", "verify", filepath.Join(dir, "run"), "--last", "3", "--workers", "3", "--json")); v["match"] != true || v["steps"] != 4.0 {
		t.Errorf("verify of the last steps says %v", v)
	}
	if again := lastObject(t, mustFM(t, "", args("run", "--steps", "12", "--resume")...)); again["digest"] != r["digest"] {
		t.Errorf("resumed at its end: got %v, want %v", again["digest"], r["digest"])
	}
	if other := lastObject(t, mustFM(t, "", args("other", "--steps", "12", "--no-actions", "--half")...)); other["digest"] == r["digest"] {
		t.Error("without actions come the same weights")
	}
	if m := lastObject(t, mustFM(t, "", args("minutes", "--minutes", "0.005")...)); m["steps"].(float64) < 1 {
		t.Errorf("--minutes gave %v steps", m["steps"])
	}
	if err := os.RemoveAll(pendulum); err != nil {
		t.Fatal(err)
	}
	if _, code, err := fm(t, "", "verify", filepath.Join(dir, "run")); code == exitDone {
		t.Errorf("verify without the data: code %d, %v", code, err)
	}
}

// TestPretrainRLBadInput holds that a run that can't begin writes nothing.
func TestPretrainRLBadInput(t *testing.T) {
	dir, data := t.TempDir(), recording(t, "CartPole-v1", 3)
	args := []string{"pretrain", "rl", "--out", filepath.Join(dir, "run"), "--data"}
	for name, c := range map[string]struct {
		more []string
		want string
	}{
		"no data":           {[]string{filepath.Join(dir, "none")}, "none"},
		"no episodes":       {[]string{t.TempDir()}, "info.json"},
		"one episode":       {[]string{recording(t, "CartPole-v1", 1)}, "CartPole-v1"},
		"preset":            {[]string{data, "--preset", "huge"}, "huge"},
		"context":           {[]string{data, "--context", "-3"}, "context"},
		"steps":             {[]string{data, "--steps", "-3"}, "steps"},
		"minutes":           {[]string{data, "--minutes", "-1"}, "--minutes"},
		"minutes and steps": {[]string{data, "--minutes", "1", "--steps", "5"}, "--steps"},
		"unknown key":       {[]string{data, "--config", write(t, t.TempDir(), "c.json", `{"maks": 3}`)}, "maks"},
		"batch":             {[]string{data, "--batch", "100000000"}, "batch"},
	} {
		t.Run(name, func(t *testing.T) {
			_, code, err := fm(t, "", append(slices.Clone(args), c.more...)...)
			if code != exitUsage || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("code %d, %v, want %d and %q", code, err, exitUsage, c.want)
			}
			if left := tree(t, dir); len(left) > 1 {
				t.Errorf("wrote files: %v", left)
			}
		})
	}
}
