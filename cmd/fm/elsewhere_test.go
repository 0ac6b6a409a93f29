package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/fmkit/fmkit/rl/env/mujoco"
)

// TestPolicyRobot learns to play a robot and is scored on it; in a program without the library it says so.
func TestPolicyRobot(t *testing.T) {
	out := filepath.Join(t.TempDir(), "policy")
	args := []string{"adapt", "policy", "--base", "none", "--env", "InvertedPendulum-v5", "--steps", "2048", "--episodes", "2", "--out", out, "--json"}
	if mujoco.Version() == "" {
		if _, code, err := fm(t, "", args...); !errors.Is(err, mujoco.ErrUnavailable) || code != exitUsage {
			t.Errorf("got code %d, %v, want %d, %v", code, err, exitUsage, mujoco.ErrUnavailable)
		}
		return
	}
	made := lastObject(t, mustFM(t, "", args...))
	if made["task"] != "policy" || made["metrics"].(map[string]any)["mean_return"] == nil {
		t.Errorf("adapt: got %v", made)
	}
	if s := lastObject(t, mustFM(t, "", "eval", "policy", "--adapter", out, "--episodes", "3", "--json")); s["episodes"] != 3.0 {
		t.Errorf("eval: got %v", s)
	}
}

// TestPolicyPython learns to play an environment of Python's.
func TestPolicyPython(t *testing.T) {
	if os.Getenv("FMKIT_PYTHON") == "" {
		t.Skip("FMKIT_PYTHON names no interpreter with gymnasium")
	}
	out := filepath.Join(t.TempDir(), "policy")
	mustFM(t, "", "adapt", "policy", "--base", "none", "--env", "python:CartPole-v1", "--steps", "1024", "--episodes", "2", "--out", out, "--json")
	if s := lastObject(t, mustFM(t, "", "eval", "policy", "--adapter", out, "--episodes", "3", "--json")); s["env"] != "python:CartPole-v1" || s["episodes"] != 3.0 {
		t.Errorf("eval: got %v", s)
	}
	if _, code, err := fm(t, "", "eval", "policy", "--adapter", out, "--env", "CartPole-v1", "--python", "python3"); err == nil || code != exitUsage {
		t.Errorf("got code %d, %v, want %d", code, err, exitUsage)
	}
}
