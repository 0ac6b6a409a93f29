package bench_test

import (
	"errors"
	"os"
	"testing"

	"github.com/fmkit/fmkit/cmd/bench"
	"github.com/fmkit/fmkit/rl"
)

func TestEnvs(t *testing.T) {
	o := bench.EnvOptions{Options: bench.Options{Pairs: 1}, Envs: []string{"Pendulum-v1", "SortingCell-v0"}, N: 3}
	r, err := bench.Envs(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Results) != 4 || r.MinRatio != 0 {
		t.Errorf("got %+v, want each environment alone and beside two others, without a ratio", r)
	}
	o.Envs = []string{"Chess-v0"}
	if _, err := bench.Envs(t.Context(), o); !errors.Is(err, rl.ErrUnknown) {
		t.Errorf("got %v, want %v", err, rl.ErrUnknown)
	}
}

// TestEnvsBesideGymnasium needs an interpreter that has it.
func TestEnvsBesideGymnasium(t *testing.T) {
	if os.Getenv("FMKIT_PYTHON") == "" {
		t.Skip("FMKIT_PYTHON is unset")
	}
	r, err := bench.Envs(t.Context(), bench.EnvOptions{Options: bench.Options{Pairs: 1, Peer: "python"}, Envs: []string{"CartPole-v1"}, N: 8})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range r.Results {
		t.Logf("%s: %.0f and %.0f steps/s, %s", x.Name, x.Ours, x.Peer, x.Way)
	}
	if r.MinRatio <= 1 || r.Peer == "" {
		t.Errorf("got a ratio of %v to %q", r.MinRatio, r.Peer)
	}
}
