//go:build mujoco

package mujoco

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/bridge"
)

// TestAgainstGymnasium plays beside Gymnasium's own environments over the same version of the library: every observation, reward and
// flag, in episodes of at most 50 steps. HalfCheetah's starts differ by a rounding, as its normal numbers do, and its motion is chaotic: that
// grows to 1e-6 within 80 steps and to everything within 150.
func TestAgainstGymnasium(t *testing.T) {
	python := os.Getenv("FMKIT_PYTHON")
	if python == "" {
		t.Skip("FMKIT_PYTHON names no Python with gymnasium and mujoco")
	}
	out, err := exec.Command(python, "-c", "import mujoco; print(mujoco.__version__)").Output()
	if err != nil {
		t.Skipf("Python has no mujoco: %v", err)
	}
	if version := strings.TrimSpace(string(out)); version != Version() {
		t.Skipf("Python has MuJoCo %s, this is %s", version, Version())
	}
	dir := robots(t)
	for _, s := range Specs() {
		e, err := Make(s.ID, Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		peer, err := bridge.New(t.Context(), bridge.Config{ID: s.ID, Python: python})
		if err != nil {
			t.Fatal(err)
		}
		defer peer.Close()
		if e.ActionSpace().String() != peer.ActionSpace().String() || e.ObservationSpace().String() != peer.ObservationSpace().String() {
			t.Errorf("%s: got spaces %v and %v, want %v and %v", s.ID, e.ActionSpace(), e.ObservationSpace(), peer.ActionSpace(), peer.ObservationSpace())
		}
		x, y, action := make([]float32, e.ObservationSpace().Size()), make([]float32, e.ObservationSpace().Size()), make([]float32, e.ActionSpace().Size())
		e.ActionSpace().Seed(1)
		off, reward, ends, at, done := 0.0, 0.0, 0, int64(3), true
		for i := range 300 {
			var o, p env.Outcome
			var err, peerErr error
			if done || i%50 == 0 {
				_, err = e.Reset(x, at, nil)
				_, peerErr = peer.Reset(y, at, nil)
				at++
			} else {
				e.ActionSpace().Sample(action)
				o, err = e.Step(x, action)
				p, peerErr = peer.Step(y, action)
			}
			if err != nil || peerErr != nil {
				t.Fatal(err, peerErr)
			}
			if o.Terminated != p.Terminated || o.Truncated != p.Truncated {
				t.Fatalf("%s, step %d: got %v, want %v", s.ID, i, o, p)
			}
			if done = o.Done(); done {
				ends++
			}
			reward = max(reward, furthest([]float64{o.Reward}, []float64{p.Reward}))
			off = max(off, furthest(wide(x), wide(y)))
		}
		t.Logf("%s, MuJoCo %s: over 300 steps and %d ends observations are off by at most %.2g, rewards by %.2g", s.ID, Version(), ends, off, reward)
		if off > 1e-6 || reward > 1e-6 {
			t.Errorf("%s: observations are off by %g, rewards by %g", s.ID, off, reward)
		}
	}
}

func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
